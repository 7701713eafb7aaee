import test from 'ava';
import { ZPages } from '#apiserver/discovery/z-pages.ts';
import { VERSION } from '#apiserver/discovery/version.ts';

const START = Date.UTC(2026, 9, 6, 21, 3, 43);
const WARNING = 'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';

function open() {
  let now = START;
  const pages = new ZPages({
    clock: { now: () => now }, flags: { 'service-cidr': '10.96.0.0/16', 'anonymous-auth': 'true' },
    paths: () => ['/livez/poststarthook/a', '/livez', '/readyz/log', '/readyz/ping', '/apis', '/openapi/v3/', '/.well-known/openid-configuration'],
  });
  now += 3_723_900;
  return pages;
}

const STATUSZ = `\nkube-apiserver statusz\n${WARNING}\n\nStarted: Tue Oct  6 21:03:43 UTC 2026\nUp: 1 hr 02 min 03 sec\nGo version: ${VERSION.goVersion}\nBinary version: 1.36.0\nEmulation version: 1.36\nPaths: /livez /readyz\n`;
const FLAGZ = `\nkube-apiserver flagz\n${WARNING}\nanonymous-auth=true\nservice-cidr=10.96.0.0/16\n`;

for (const accept of [undefined, '', 'text/plain', 'text/*', '*/*', 'application/json;v=foo;g=config.k8s.io;as=Statusz,*/*', 'application/json, text/plain;q=0.5']) {
  test(`text for Accept: ${accept ?? 'none'}`, (t) => {
    t.like(open().serve('/statusz', accept), { status: 200, contentType: 'text/plain; charset=utf-8', body: STATUSZ });
    t.is(open().serve('/flagz', accept)?.body, FLAGZ);
  });
}

for (const version of ['v1alpha1', 'v1beta1']) {
  test(`objects of ${version}, as JSON and YAML`, (t) => {
    const accept = (kind: string, type = 'application/json'): string => `${type};v=${version};g=config.k8s.io;as=${kind}`;
    const head = { apiVersion: `config.k8s.io/${version}`, metadata: { name: 'kube-apiserver' } };
    t.deepEqual(JSON.parse(String(open().serve('/statusz', accept('Statusz'))?.body)), {
      kind: 'Statusz', ...head, startTime: '2026-10-06T21:03:43Z', uptimeSeconds: 3723, goVersion: VERSION.goVersion, binaryVersion: '1.36.0', emulationVersion: '1.36', paths: ['/livez', '/readyz'],
    });
    t.deepEqual(JSON.parse(String(open().serve('/flagz', accept('Flagz'))?.body)), { kind: 'Flagz', ...head, flags: { 'anonymous-auth': 'true', 'service-cidr': '10.96.0.0/16' } });
    t.like(open().serve('/flagz', accept('Flagz', 'application/yaml')), { contentType: 'application/yaml' });
    t.regex(String(open().serve('/flagz', accept('Flagz', 'application/yaml'))?.body), /^kind: Flagz\n/);
  });
}

for (const accept of ['application/xml', 'application/json', 'application/*', 'application/json;v=v1beta1;g=config.k8s.io', 'application/json;v=v1beta1;g=config.k8s.io;as=Flagz', 'text/plain;as=Statusz;g=config.k8s.io;v=v1beta1', 'application/vnd.kubernetes.protobuf;v=v1beta1;g=config.k8s.io;as=Statusz']) {
  test(`no status for Accept: ${accept}`, (t) => void t.throws(() => open().serve('/statusz', accept), { message: 'only the following media types are accepted: application/json, application/yaml, text/plain' }));
}

test('other paths are no such pages', (t) => t.is(open().serve('/statusz/a', undefined), undefined));
