import test from 'ava';
import type { CustomFacts, ResourceType } from '#api/resource-type.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { isStatus } from '#api/status-error.ts';
import type { ApiRequest } from '#api/transport.ts';
import { parseRequest } from '#apiserver/request-info.ts';

const scheme = new Scheme(BUILT_IN_RESOURCES);
const cases: readonly (readonly [method: ApiRequest['method'], path: string, query: Record<string, string>, want: string])[] = [
  ['GET', '/api/v1/pods', {}, 'list pods  '],
  ['GET', '/api/v1/namespaces/a/pods', { watch: 'true' }, 'watch pods a '],
  ['GET', '/api/v1/namespaces/a/pods/p/log', {}, 'get pods/log a p'],
  ['PUT', '/api/v1/namespaces/a/finalize', {}, 'update namespaces/finalize  a'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', {}, 'deletecollection deployments a '],
  ['PATCH', '/api/v1/nodes/n%31', {}, 'patch nodes  n1'],
  ['GET', '/api%2Fv1/namespaces/a/pods/p%2flog', {}, 'get pods/log a p'],
];
for (const [method, path, query, want] of cases) {
  test(`${method} ${path} is ${want}`, (t) => {
    const info = parseRequest(scheme, method, path, query);
    t.is(info.type, 'resource');
    if (info.type === 'resource') t.is(`${info.verb} ${info.resource.plural}${info.subresource && '/'}${info.subresource} ${info.namespace} ${info.name}`, want);
  });
}

test('what is not served is not found', (t) => {
  for (const path of ['/apis/apps/v1/pods', '/api/v1/namespaces/a/nodes', '/api/v1/namespaces/a/pods/p/nothing', '/api/v1/pods/p', '/api/v1/namespaces/a/pods/p/status/more', '/api/v1//pods', '/api//v1/pods', '//api/v1/pods', '/api/v1/namespaces/a//pods', '/api/v1/namespaces/a/pods/p%2Fq', '/api/v1/namespaces//nodes']) {
    t.true(isStatus(t.throws(() => parseRequest(scheme, 'GET', path, {})), 'NotFound'), path);
  }
});

test('custom resources of namespaces are listed and watched in all of them, and there is nothing else there', (t) => {
  const widgets: ResourceType = {
    group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', singular: 'widget', shortNames: [], categories: [], namespaced: true, verbs: [], subresources: [], custom: {} as CustomFacts,
  };
  const served = new Scheme([widgets]);
  const all = '/apis/example.com/v1/widgets';
  const verbOf = (method: ApiRequest['method'], path: string, query = {}): unknown => (parseRequest(served, method, path, query) as { readonly verb: string }).verb;
  t.deepEqual([verbOf('GET', all), verbOf('GET', all, { watch: '1' }), verbOf('POST', '/apis/example.com/v1/namespaces/a/widgets')], ['list', 'watch', 'create']);
  for (const [method, path] of [['POST', all], ['DELETE', all], ['PUT', all], ['GET', `${all}/one`]] as const) {
    t.true(isStatus(t.throws(() => parseRequest(served, method, path, {})), 'NotFound'), `${method} ${path}`);
  }
});

test('discovery is a path', (t) => {
  t.is(parseRequest(scheme, 'GET', '/apis/apps/v1', {}).type, 'path');
  t.like(parseRequest(scheme, 'GET', '/a/%3Cb%3E', {}), { type: 'path', path: '/a/<b>' });
});

test('an empty name, or one that no object can have, is none', (t) => {
  for (const [path, message] of [
    ['/api/v1/namespaces/a/pods//status', 'name must be provided'],
    ['/api/v1/namespaces/a/pods/..', 'Name parameter invalid: "..": may not be \'..\''], ['/api/v1/namespaces/%2e', 'Name parameter invalid: ".": may not be \'.\''], ['/api/v1/namespaces/a/pods/p%25', 'Name parameter invalid: "p%": may not contain \'%\''],
  ] as const) t.is(t.throws(() => parseRequest(scheme, 'GET', path, {}), undefined, path)?.message, message);
});

test('slashes at the end are overlooked', (t) => t.like(parseRequest(scheme, 'GET', '/api/v1/namespaces/a/pods/p//', {}), { verb: 'get', namespace: 'a', name: 'p' }));

test('an empty namespace is that of all objects', (t) => t.like(parseRequest(scheme, 'GET', '/api/v1/namespaces//pods', {}), { verb: 'list', namespace: '', name: '' }));
