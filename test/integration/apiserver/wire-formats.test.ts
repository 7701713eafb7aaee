import test from 'ava';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { connect } from 'node:http2';
import { parseYaml } from '#api/yaml.ts';
import { ProtobufDecoder } from '#apiserver/protobuf/decode.ts';
import { ProtobufEncoder } from '#apiserver/protobuf/encode.ts';
import { enclose } from '#apiserver/protobuf/envelope.ts';
import { KindTypes } from '#apiserver/protobuf/kind-types.ts';
import { MessageTypes } from '#apiserver/protobuf/message-types.ts';
import { WireReader } from '#apiserver/protobuf/wire.ts';
import { apiRequest, type ApiAnswer, type ApiRequestOptions } from '#test/support/api-request.ts';
import { ADMIN, startControlPlane, type ControlPlane } from '#test/support/control-plane.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const types = new MessageTypes(loadSchema());
const decoder = new ProtobufDecoder({ types, kinds: new KindTypes(new Scheme(BUILT_IN_RESOURCES)) });
const encoder = new ProtobufEncoder(types);

let plane: ControlPlane;
const ask = (path: string, accept: string, options: ApiRequestOptions = {}): Promise<ApiAnswer> => apiRequest(plane, path, { ...options, headers: { accept, ...options.headers } });
const decoded = (answer: ApiAnswer) => decoder.decode(answer.body) as Record<string, unknown>;
const parsed = (answer: ApiAnswer) => JSON.parse(answer.body.toString()) as Record<string, unknown>;
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { test: 'wire' } }, data: { a: 'ä' } });
const MAPS = '/api/v1/namespaces/default/configmaps';

test.before(async () => {
  plane = await startControlPlane();
  const body = Buffer.concat(enclose('v1', 'ConfigMap', encoder.encode('core/v1.ConfigMap', configMap('one'))));
  await ask(MAPS, PROTOBUF, { method: 'POST', headers: { 'content-type': PROTOBUF }, body });
});
test.after.always(() => plane?.stop());

test('an object is the same in protobuf as in JSON', async (t) => {
  const [asJson, asProtobuf] = await Promise.all([ask(`${MAPS}/one`, 'application/json'), ask(`${MAPS}/one`, `${PROTOBUF},application/json`)]);
  t.is(asProtobuf.headers['content-type'], PROTOBUF);
  t.deepEqual(decoded(asProtobuf), parsed(asJson));
});

/** A list in each form, of one revision: the server writes of itself meanwhile. */
async function sameState(path: string): Promise<readonly [ApiAnswer, ApiAnswer, ApiAnswer]> {
  for (;;) {
    const answers = await Promise.all([ask(path, 'application/json'), ask(path, PROTOBUF), ask(path, 'application/yaml')]);
    const [json, protobuf, yaml] = [parsed(answers[0]), decoded(answers[1]), parseYaml(answers[2].body.toString()).value].map((list) => (list as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion);
    if (json === protobuf && json === yaml) return answers;
  }
}

test('lists are the same in protobuf and YAML as in JSON, also long ones', async (t) => {
  for (const path of [`${MAPS}?labelSelector=test=wire`, '/apis/rbac.authorization.k8s.io/v1/clusterroles', '/apis/rbac.authorization.k8s.io/v1/clusterroles']) {
    const [asJson, asProtobuf, asYaml] = await sameState(path);
    t.deepEqual(itemsOf(decoded(asProtobuf)), itemsOf(parsed(asJson)), path);
    t.deepEqual(decoded(asProtobuf)['kind'], parsed(asJson)['kind']);
    t.deepEqual(parseYaml(asYaml.body.toString()).value, parsed(asJson));
  }
});

test('JSON and YAML have the nulls that Go writes: in answers to writes, in reads, lists and watches, and not in memory', async (t) => {
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'empty' } };
  const made = parsed(await ask(roles, 'application/json', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(role) }));
  t.is(made['rules'], null);
  t.is(parsed(await ask(`${roles}/empty`, 'application/json'))['rules'], null);
  t.regex((await ask(`${roles}/empty`, 'application/yaml')).body.toString(), /\nrules: null\n/);
  const [item] = parsed(await ask(`${roles}?fieldSelector=metadata.name=empty`, 'application/json'))['items'] as readonly object[];
  t.like(item, { metadata: { name: 'empty' }, rules: null });
  const watched = await ask(`${roles}?watch=true&fieldSelector=metadata.name=empty`, 'application/json', { until: (body) => body.includes('\n') });
  t.like(JSON.parse(watched.body.toString().split('\n', 1)[0] ?? ''), { type: 'ADDED', object: { rules: null } });
  t.false('rules' in decoded(await ask(`${roles}/empty`, PROTOBUF)));
  t.false('rules' in ((await plane.server.handle({ method: 'GET', path: `${roles}/empty` }, ADMIN)).body as object));
});

test('a failure is told in the encoding that was asked for', async (t) => {
  const answer = await ask(`${MAPS}/none`, PROTOBUF);
  t.is(answer.status, 404);
  t.is(answer.headers['content-type'], PROTOBUF);
  t.like(decoded(answer), { kind: 'Status', apiVersion: 'v1', reason: 'NotFound', code: 404, details: { name: 'none', kind: 'configmaps' } });
  t.is((await ask(`${MAPS}/none`, 'application/yaml')).headers['content-type'], 'application/yaml');
});

test('a watch sends length-delimited frames', async (t) => {
  const answer = await ask(`${MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=test=wire`, PROTOBUF, { until: (body) => frames(body).some((f) => f.type === 'BOOKMARK') });
  t.is(answer.headers['content-type'], `${PROTOBUF};stream=watch`);
  const [first, last] = frames(answer.body);
  t.is(first?.type, 'ADDED');
  t.like(first?.object, configMap('one'));
  t.like(last?.object, { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } });
});

test('a watch from a revision that is gone ends with a Status in protobuf', async (t) => {
  const answer = await ask(`${MAPS}?watch=true&resourceVersion=1`, PROTOBUF, { until: (body) => frames(body).length > 0 });
  const [only] = answer.status === 200 ? frames(answer.body) : [];
  t.like(only?.object ?? decoded(answer), { kind: 'Status', reason: 'Expired', code: 410 });
});

test('bare metadata has a protobuf form', async (t) => {
  const accept = `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;
  const list = decoded(await ask(`${MAPS}?labelSelector=test=wire`, accept)) as unknown as { readonly kind: string; readonly items: readonly object[] };
  t.is(list.kind, 'PartialObjectMetadataList');
  t.like(list.items[0], { metadata: { name: 'one' } });
  const wrong = await ask(`${MAPS}?labelSelector=test=wire`, accept.replaceAll('MetadataList', 'Metadata'));
  t.is(wrong.status, 406);
});

test('tables are JSON, and nothing for a backend that has none', async (t) => {
  const table = 'as=Table;v=v1;g=meta.k8s.io';
  t.is(parsed(await ask(MAPS, `${PROTOBUF};${table},application/json;${table},application/json`))['kind'], 'Table');
  t.is(parsed(await ask(MAPS, `application/json;as=Table;v=v1beta1;g=meta.k8s.io`))['apiVersion'], 'meta.k8s.io/v1beta1');
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(review) };
  const refused = await ask(path, `application/json;${table}`, options);
  t.like(parsed(refused), { kind: 'Status', reason: 'NotAcceptable', code: 406, message: 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf' });
  t.like(decoded(await ask(path, PROTOBUF, options)), { kind: 'SelfSubjectAccessReview', status: { allowed: true } });
});

test('a scale has columns of its own', async (t) => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await plane.server.handle({ method: 'POST', path, body: { metadata: { name: 'scaled' }, spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template } } }, ADMIN);
  const { body } = await apiRequest(plane, `${path}/scaled/scale`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  const table = JSON.parse(body.toString()) as { readonly kind: string; readonly columnDefinitions: readonly { readonly name: string }[]; readonly rows: readonly { readonly cells: readonly unknown[] }[] };
  t.deepEqual([table.kind, ...table.columnDefinitions.map((c) => c.name)], ['Table', 'Name', 'Desired', 'Available', 'Age']);
  t.deepEqual(table.rows[0]?.cells.slice(0, 3), ['scaled', 0, 0]);
});

test('kinds without a protobuf form fall back to JSON, or are refused', async (t) => {
  const path = '/apis/headway.dev/v1/namespaces/default/repositories';
  t.is((await ask(path, `${PROTOBUF},application/json`)).headers['content-type'], 'application/json');
  const refused = await ask(path, PROTOBUF);
  t.like(decoded(refused), { code: 406, message: 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf' });
  const stream = await ask(`${path}?watch=true`, 'application/yaml');
  t.like(parseYaml(stream.body.toString()).value as object, { code: 406, message: 'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch' });
  const body = await ask(MAPS, 'application/json', { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a,b' });
  t.like(parsed(body), { code: 415, reason: 'UnsupportedMediaType' });
});

test('discovery is aggregated, tagged and has a protobuf form', async (t) => {
  const parameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const answer = await ask('/apis', `${PROTOBUF};${parameters},application/json`);
  t.is(answer.headers['content-type'], `${PROTOBUF};${parameters}`);
  const { items } = decoded(answer) as unknown as { readonly items: readonly { readonly metadata: { readonly name: string }; readonly versions: readonly { readonly resources: readonly object[] }[] }[] };
  t.deepEqual(items.slice(0, 3).map((i) => i.metadata.name), ['apiregistration.k8s.io', 'apps', 'events.k8s.io']);
  const etag = String(answer.headers.etag);
  const again = await ask('/apis', `${PROTOBUF};${parameters}`, { headers: { 'if-none-match': etag } });
  t.deepEqual([again.status, again.body.length], [304, 0]);
  t.is((await ask('/api', 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList')).status, 406);
  t.is((await ask('/api/v1', `application/json;${parameters}`)).status, 406, 'of one version there is nothing aggregated');
});

test('discovery of the core group says no version, and has no headers alone', async (t) => {
  const resources = await ask('/api/v1', PROTOBUF);
  t.is(resources.body.subarray(0, 10).toString('latin1'), 'k8s\0\n\x13\n\0\x12\x0f');
  t.like(parsed(await ask('/api/v1', 'application/json')), { kind: 'APIResourceList', groupVersion: 'v1', apiVersion: undefined });
  for (const path of ['/api', '/apis/apps/v1', '/version']) t.is((await ask(path, 'application/json', { method: 'HEAD' })).status, 405, path);
});

/** In protobuf only the list names its kind, and empty lists are not there. */
const itemsOf = (list: Readonly<Record<string, unknown>>): readonly object[] =>
  (list['items'] as readonly Readonly<Record<string, unknown>>[]).filter((item) => !('aggregationRule' in item)).map((item) => ({ ...item, apiVersion: undefined, kind: undefined }));

interface Frame {
  readonly type: string;
  readonly object: Record<string, unknown>;
}

function frames(body: Buffer): readonly Frame[] {
  const found: Frame[] = [];
  for (let at = 0; at + 4 <= body.length;) {
    const end = at + 4 + body.readUInt32BE(at);
    if (end > body.length) break;
    found.push(frameOf(body.subarray(at + 4, end)));
    at = end;
  }
  return found;
}

function frameOf(event: Buffer): Frame {
  const reader = new WireReader(event);
  reader.next();
  const type = reader.string();
  reader.next();
  const raw = new WireReader(reader.bytes());
  raw.next();
  return { type, object: decoder.decode(raw.bytes()) as Record<string, unknown> };
}

test('warnings come with the answer, also with that of a watch', async (t) => {
  const endpoints = '/api/v1/namespaces/default/endpoints';
  const warning = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"';
  t.is((await ask(endpoints, 'application/json')).headers['warning'], warning);
  t.is((await ask(`${endpoints}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, 'application/json', { until: (body) => body.includes('BOOKMARK') })).headers['warning'], warning);
});

test('HEAD over HTTP/2 is answered as over HTTP/1.1', async (t) => {
  const session = connect(plane.url, { ca: plane.pki.ca, cert: plane.pki.admin.cert, key: plane.pki.admin.key });
  t.teardown(() => session.close());
  const statusOf = (path: string): Promise<unknown> => new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'HEAD', ':path': path });
    stream.once('response', (headers) => resolve(headers[':status'])).once('error', reject).resume();
  });
  t.deepEqual(await Promise.all([MAPS, `${MAPS}/absent`, '/version', '/absent', '/healthz', `${MAPS}?watch=true`].map(statusOf)), [405, 405, 405, 404, 200, 405]);
});

test('what nobody serves is told in plain text outside of the API, and with a Status below the groups that are there', async (t) => {
  const answers = await Promise.all(['/absent', '/apis/absent.example.com', '/apis/absent.example.com/v1/things', '/api/v9', '/apis/apps/v9', '/api/v1/absent', `${MAPS}/a/absent`].map(async (path) => {
    const { status, headers, body } = await ask(path, 'application/json');
    return [path, status, headers['content-type'], body.toString().slice(0, 22)];
  }));
  const text = ['text/plain; charset=utf-8', '404 page not found\n'];
  const json = ['application/json', '{"kind":"Status","apiV'];
  t.deepEqual(answers.map(([, ...answer]) => answer), [...Array.from({ length: 3 }, () => [404, ...text]), ...Array.from({ length: 4 }, () => [404, ...json])]);
});
