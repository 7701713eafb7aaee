import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const labels = { app: 'a' };
const deployment = { metadata: { name: 'a' }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } } } };
const claim = { metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };

for (const { what, path, object, status, empty } of [
  { what: 'of a Deployment', path: DEPLOYMENTS, object: deployment, status: { replicas: 3 }, empty: {} },
  { what: 'of a claim, which has a default', path: CLAIMS, object: claim, status: { phase: 'Bound' }, empty: { phase: 'Pending' } },
]) {
  test(`a status that is not sent is taken away: ${what}`, async (t) => {
    const api = await openApi(t);
    t.is((await api.post(path, object)).code, 201);
    t.deepEqual((await api.patch(`${path}/a/status`, { status })).body.status, status);
    t.deepEqual((await api.patch(`${path}/a/status`, { metadata: { labels: { x: 'y' } } })).body.status, status);
    t.deepEqual((await api.patch(`${path}/a/status`, { status: null })).body.status, empty);
    t.deepEqual((await api.patch(`${path}/a/status`, { status })).body.status, status);
    const { status: _, ...rest } = (await api.get(`${path}/a`)).body;
    t.deepEqual((await api.put(`${path}/a/status`, rest)).body.status, empty);
  });
}

test('a status of a custom resource is taken away, and nothing else changes with it', async (t) => {
  const api = await openApi(t);
  const versions = [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }];
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name: 'foos.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions } });
  const path = '/apis/example.com/v1/namespaces/default/foos';
  const foo = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'a' }, spec: 'old' };
  t.is((await api.post(path, foo)).code, 201);
  await api.patch(`${path}/a/status`, { status: 'old' });
  const { status, metadata } = (await api.get(`${path}/a`)).body;
  t.is(status, 'old');
  const { body } = await api.put(`${path}/a/status`, { ...foo, metadata: { ...metadata, labels: { x: 'y' } }, spec: 'new', other: 'new' });
  t.deepEqual({ spec: body.spec, status: body.status, other: body.other, labels: body.metadata.labels }, { spec: 'old', status: undefined, other: undefined, labels: undefined });
});

test('a scale of another object with the name is a conflict', async (t) => {
  const api = await openApi(t);
  await api.post(DEPLOYMENTS, deployment);
  const scale = (await api.get(`${DEPLOYMENTS}/a/scale`)).body;
  const other = await api.put(`${DEPLOYMENTS}/a/scale`, { ...scale, metadata: { ...scale.metadata, uid: 'other' }, spec: { replicas: 5 } });
  t.is(other.code, 409);
  t.is(other.message, `Operation cannot be fulfilled on deployments.apps "a": Precondition failed: UID in precondition: other, UID in object meta: ${scale.metadata.uid}`);
  t.is((await api.put(`${DEPLOYMENTS}/a/scale`, { ...scale, spec: { replicas: 5 } })).body.spec.replicas, 5);
});

test('a custom resource without a status has none, and says so of the object', async (t) => {
  const api = await openApi(t);
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name: 'bars.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'bars', kind: 'Bar' }, versions } });
  t.is((await api.get('/apis/example.com/v1/namespaces/default/bars/a/status')).message, 'bars.example.com "a" not found');
  t.is((await api.get('/apis/example.com/v1/bars/a/status')).message, 'the server could not find the requested resource');
});

test('a patch in a form that is not served is refused in other words for a custom resource than for a built-in one', async (t) => {
  const api = await openApi(t);
  const versions = [{ name: 'v1', served: true, storage: true, subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } }, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }];
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name: 'bars.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'bars', kind: 'Bar' }, versions } });
  const message = 'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  for (const path of ['/apis/example.com/v1/namespaces/default/bars/a', '/apis/example.com/v1/namespaces/default/bars/a/scale']) {
    const { code, body } = await api.patch(path, {}, 'application/strategic-merge-patch+json');
    t.is(code, 415);
    t.deepEqual([body.message, body.details], [message, undefined]);
  }
  const { body } = await api.patch(`${DEPLOYMENTS}/a`, {}, 'application/json');
  t.deepEqual([body.message, body.details], ['415: Unsupported Media Type', {}]);
});
