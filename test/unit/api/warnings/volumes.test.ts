import test from 'ava';
import type { Volume } from '#api/generated/core/v1.ts';
import { warnOfVolumes } from '#api/warnings/volumes.ts';
import { cpuMs } from '#test/support/cpu-ms.ts';

const items = (...paths: readonly string[]): object => ({ items: paths.map((path) => ({ key: 'k', path })) });
const projected = (...sources: readonly object[]): object => ({ projected: { sources } });
const configMap = (...paths: readonly string[]): object => ({ configMap: { name: 'm', ...items(...paths) } });

for (const [name, volume, warnings] of [
  ['files beside each other', { configMap: { name: 'm', ...items('dir/path1', 'dir/path2', 'dir/path345') } }, []],
  ['one file twice', { configMap: { name: 'm', ...items('a', 'b', 'a') } }, ['volume "v" (ConfigMap "m"): overlapping paths: "a" with "a"']],
  ['a file in another', { secret: { secretName: 's', ...items('path', 'path/path2') } }, ['volume "v" (Secret "s"): overlapping paths: "path/path2" with "path"']],
  ['a file around others', { downwardAPI: items('d/a', 'd/b', 'd') }, ['volume "v" (DownwardAPI): overlapping paths: "d" with "d/a"', 'volume "v" (DownwardAPI): overlapping paths: "d" with "d/b"']],
  ['a slash at the end', { configMap: { name: 'm', ...items('a/b', 'a/b/') } }, ['volume "v" (ConfigMap "m"): overlapping paths: "a/b" with "a/b"']],
  ['two sources', projected(configMap('a'), { secret: { name: 's', ...items('a/b') } }), ['volume "v" (Projected): overlapping paths: "a/b" (Secret "s") with "a" (ConfigMap "m")']],
  ['a token', projected({ serviceAccountToken: { path: 'token' } }, { downwardAPI: items('token') }), ['volume "v" (Projected): overlapping paths: "token" (DownwardAPI) with "token" (ServiceAccountToken)']],
  ['no source', projected({}), ['volume "v" (Projected) has no sources provided']],
  ['sources with all their keys', projected({ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'm' } }), []],
] as const) {
  test(`the files of a volume: ${name}`, (t) => { t.deepEqual(warnOfVolumes('spec.volumes', [{ name: 'v', ...volume } as unknown as Volume]), warnings); });
}

test('a hundred thousand files are looked at in no time, and told of by the first', (t) => {
  const volumes = [{ name: 'v', configMap: { name: 'm', items: Array.from({ length: 100_000 }, () => ({ key: 'k', path: 'a' })) } } as unknown as Volume];
  t.true(cpuMs(() => t.is(warnOfVolumes('spec.volumes', volumes).length, 4_950)) < 2_000);
});
