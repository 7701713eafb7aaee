import test from 'ava';
import { readIndex } from '#sync/source/chart/helm-repository.ts';
import { readChallenge } from '#sync/source/chart/oci-registry.ts';

const DIGEST = 'a'.repeat(64);
const read = (entries: string, url = 'https://charts.test/stable/') => readIndex(`apiVersion: v1\nentries:\n${entries}`, { url, chart: 'web' });

test('versions with the address of the archive, which may be relative, and its digest', (t) => {
  const found = read(`  web:\n  - {version: 1.0.0, digest: ${DIGEST}, created: "2026-01-02T03:04:05.6Z", urls: [web-1.0.0.tgz]}\n  - {version: 0.9.0, urls: ["https://elsewhere.test/web.tgz"]}\n  - {version: 0.8.0, urls: [/web.tgz]}\n`);
  t.deepEqual([...found], [
    ['1.0.0', { url: 'https://charts.test/stable/web-1.0.0.tgz', digest: `sha256:${DIGEST}`, time: 1_767_323_045 }],
    ['0.9.0', { url: 'https://elsewhere.test/web.tgz', digest: undefined, time: 0 }],
    ['0.8.0', { url: 'https://charts.test/web.tgz', digest: undefined, time: 0 }],
  ]);
});

test('entries that make no sense are left out; a digest that makes none stays one that nothing has', (t) => {
  const found = read('  web:\n  - 7\n  - {version: 1.0.0}\n  - {version: 1.0.1, urls: []}\n  - {version: 1.0.2, urls: ["file:///etc/passwd"]}\n  - {urls: [a.tgz]}\n  - {version: 1.0.3, urls: [a.tgz], digest: 0000}\n', 'https://charts.test');
  t.deepEqual([...found], [['1.0.3', { url: 'https://charts.test/a.tgz', digest: 'sha256:0', time: 0 }]]);
});

for (const [what, text, reason] of [
  ['no YAML', '{', 'InvalidIndex'], ['a page of HTML', '<html></html>', 'InvalidIndex'], ['an index without the chart', 'entries: {db: []}', 'ChartNotFound'], ['an index with another thing in its place', 'entries: {web: 1}', 'ChartNotFound'],
] as const) {
  test(`${what} is refused`, (t) => t.like(t.throws(() => readIndex(text, { url: 'https://charts.test', chart: 'web' })), { data: { reason } }));
}

for (const [header, status, expected] of [
  ['Bearer realm="https://auth.test/token",service="r",scope="repository:a/b:pull"', 401, 'https://auth.test/token?service=r&scope=repository%3Aa%2Fb%3Apull'],
  ['bearer realm="https://auth.test/token?x=1"', 401, 'https://auth.test/token?x=1'],
  ['Bearer realm="http://auth.test/token",service="r"', 401, undefined],
  ['Basic realm="r"', 401, undefined], ['', 401, undefined], ['Bearer realm="https://auth.test/token"', 403, undefined], ['Bearer realm="nowhere"', 401, undefined],
] as const) {
  test(`the challenge ${header} (${status}) leads to ${expected}`, (t) => t.is(readChallenge({ status, headers: new Headers({ 'www-authenticate': header }) }), expected));
}
