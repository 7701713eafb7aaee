import test from 'ava';
import { chooseVersion } from '#sync/source/resolve-ref.ts';

const TAGS = ['nightly', 'v0.9.0', 'v1.0.0', '1.2.0', 'v1.2.0', 'v1.10.0', 'v2.0.0-rc.1', 'v2.0.0-rc.2', 'release-3.0.0', 'v1.2'];

for (const [range, tag] of [
  ['^1.0', 'v1.10.0'], ['~1.2', '1.2.0'], ['1.2.0', '1.2.0'], ['<1', 'v0.9.0'], ['*', 'v1.10.0'], ['>=2', undefined], ['>=2.0.0-0', 'v2.0.0-rc.2'], ['^1.0.0-0', 'v1.10.0'],
  ['0.9 - 1.2', '1.2.0'], ['^0.9 || ^1.2', 'v1.10.0'], ['not a range', undefined],
] as const) {
  test(`of the tags, ${range} chooses ${tag}`, (t) => t.is(chooseVersion(range, TAGS), tag));
}
