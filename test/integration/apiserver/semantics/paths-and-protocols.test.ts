import anyTest, { type TestFn } from 'ava';
import { rawConnection, readUntil } from '#test/support/raw-connection.ts';
import { ask, type PlaneContext, type Rule, testRules, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

const STRANGER = { 'impersonate-user': 'stranger' };
const NOT_SERVED = { kind: 'Status', reason: 'NotFound', message: 'the server could not find the requested resource', code: 404 };
const forbidden = (kind: string, group?: string): object => ({ kind: 'Status', reason: 'Forbidden', details: { kind, ...(group ? { group } : {}) } });

// What is served is not for everybody to know: who has no right is told that, whatever else is wrong with a request.
const rules: readonly Rule[] = [
  { rule: 'a group that is not served', path: '/apis/foo.io/v1/bars', headers: STRANGER, status: 403, like: forbidden('bars', 'foo.io') },
  { rule: 'a watch of it', path: '/apis/foo.io/v1/bars?watch=1', headers: STRANGER, status: 403, like: { message: 'bars.foo.io is forbidden: User "stranger" cannot watch resource "bars" in API group "foo.io" at the cluster scope' } },
  { rule: 'a watch under the old path', path: '/api/v1/watch/namespaces/default/foos', headers: STRANGER, status: 403, like: { message: 'foos is forbidden: User "stranger" cannot watch resource "foos" in API group "" in the namespace "default"' } },
  { rule: 'a subresource that a kind has not', path: '/api/v1/namespaces/default/pods/a/nothing', headers: STRANGER, status: 403, like: { message: 'pods "a" is forbidden: User "stranger" cannot get resource "pods/nothing" in API group "" in the namespace "default"' } },
  { rule: 'a form that there is not', path: '/api/v1/pods', headers: { ...STRANGER, accept: 'image/png' }, status: 403, like: forbidden('pods') },
  { rule: 'a body that cannot be read', method: 'POST', path: '/api/v1/namespaces/default/pods', body: '{', headers: STRANGER, status: 403, like: forbidden('pods') },
  { rule: 'a resource that a built-in group has not', path: '/apis/apps/v1/bars', status: 404, like: NOT_SERVED },
  { rule: 'a version that a built-in group has not', path: '/apis/apps/v9/deployments', status: 404, like: NOT_SERVED },
  { rule: 'a form that there is not, for who may ask', path: '/api/v1/pods', headers: { accept: 'image/png' }, status: 406, like: { reason: 'NotAcceptable', message: '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch', details: {} } },
  { rule: 'a version in another form than JSON', path: '/version', headers: { accept: 'application/yaml' }, status: 406 },
  { rule: 'a method that no resource has', method: 'OPTIONS', path: '/api/v1/pods', status: 405, like: { reason: 'MethodNotAllowed' } },
  { rule: 'such a method, of somebody who may not read', method: 'OPTIONS', path: '/api/v1/pods', headers: STRANGER, status: 403 },
  { rule: 'such a method, of nothing', method: 'OPTIONS', path: '/api/v1/bars', status: 404, like: NOT_SERVED },
  { rule: 'a write of the version', method: 'PUT', path: '/version', body: {}, status: 405 },
  { rule: 'whether it is well, by any method', method: 'POST', path: '/healthz', body: {}, status: 200 },
  ...['/api/', '/api/v1/', '/apis/apps/v1/', '/version/', '/api/v1/namespaces/default/'].map((path): Rule => ({ rule: `the slash at the end of ${path}`, path, status: 200 })),
  { rule: 'all groups, with a slash at the end', path: '/apis/', status: 200, like: { kind: 'APIGroupList' } },
  ...['/api/nothing', '/api/v1//pods'].map((path): Rule => ({ rule: `nothing is at ${path}`, path, status: 404, like: NOT_SERVED })),
];
testRules(test, rules);

for (const path of ['/', '/healthz', '/metrics', '/version', '/openapi/v3', '/api', '/apis/apps/v1', '/api/v1/namespaces', '/nothing']) {
  test(`${path} is for nobody else to keep`, async (t) => t.is((await ask(t.context.plane, { path })).headers['cache-control'], 'no-cache, private'));
}

for (const path of ['/nothing', '/apis/foo.io', '/apis/foo.io/v1', '/apis/foo.io/v1/bars', '/livez/nothing', '/healthz/', '//api/v1/pods', '/API/v1/pods']) {
  test(`nobody is at ${path}: plain text, as of any server of the web`, async (t) => {
    const { status, headers, body } = await ask(t.context.plane, { path });
    t.is(status, 404);
    t.is(headers['content-type'], 'text/plain; charset=utf-8');
    t.is(body.toString().trim(), '404 page not found');
  });
}

test('what the server is, and with which flags it was started, is for who monitors it', async (t) => {
  const { plane } = t.context;
  for (const path of ['/statusz', '/flagz']) {
    t.is((await ask(plane, { path, headers: STRANGER })).status, 403);
    const told = await ask(plane, { path, headers: { ...STRANGER, 'impersonate-group': 'system:monitoring' } });
    t.is(told.status, 200);
    t.true(told.body.toString().startsWith(`\nkube-apiserver ${path.slice(1)}\n`));
  }
  t.is((await ask(plane, { path: '/statusz', headers: { accept: 'application/json' } })).status, 406);
  t.is((await ask(plane, { path: '/flagz', headers: { accept: 'application/json;v=v1beta1;g=config.k8s.io;as=Flagz' } })).json.kind, 'Flagz');
});

// Kubernetes overhears the wish; proxies and libraries send it with any request.
for (const { path, protocol, status } of [
  { path: '/api/v1/namespaces/default/configmaps', protocol: 'foo', status: 200 },
  { path: '/api/v1/namespaces/default/configmaps', protocol: 'websocket', status: 200 },
  { path: '/version', protocol: 'h2c', status: 200 },
  { path: '/nothing', protocol: 'websocket', status: 404 },
  { path: '/api/v1/namespaces/default/pods/absent/exec', protocol: 'foo', status: 404 },
  { path: '/api/v1/namespaces/default/pods/absent/exec', protocol: 'SPDY/3.1', status: 404 },
  { path: '/api/v1/namespaces/default/foos/absent/exec', protocol: 'SPDY/3.1', status: 404 },
]) {
  test(`${path} for a client that would rather speak ${protocol}`, async (t) => {
    const socket = rawConnection(t.context.plane);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
    const text = await readUntil(socket, (answer) => answer.includes('\r\n\r\n'));
    socket.destroy();
    t.regex(text, new RegExp(`^HTTP/1\\.1 ${status} `));
  });
}

test('names that clients make up are not counted', async (t) => {
  const { plane } = t.context;
  for (const headers of [{}, STRANGER]) await ask(plane, { path: '/apis/made-up.example/v1/inventions', headers });
  t.false((await ask(plane, { path: '/metrics' })).body.toString().includes('inventions'));
});
