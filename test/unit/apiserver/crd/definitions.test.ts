import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { waitFor } from '#test/support/wait.ts';

const ADMIN = { name: 'admin', groups: ['system:masters'] };

test('a definition is established, served, and cleans up after itself', async (t) => {
  const server = await startInProcessApi(t);
  const ask = async (method: ApiRequest['method'], path: string, body?: unknown) => server.handle({ method, path, body }, ADMIN);
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'crons.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'crons', kind: 'Cron', shortNames: ['cr'] }, versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } }, status: { type: 'object', properties: { ready: { type: 'integer' } } } } } }, subresources: { status: {} } },
      { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
    ] },
  };
  t.is((await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)).status, 201);
  const established = await waitFor(async () => {
    const { body } = await ask('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crons.example.com');
    return (body as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') && body;
  }, { what: 'established' });
  t.like(established, { status: { acceptedNames: { plural: 'crons', kind: 'Cron', listKind: 'CronList' }, storedVersions: ['v1'] } });
  const untyped = await ask('POST', '/apis/example.com/v1/namespaces/default/crons', { apiVersion: 'example.com/v1', metadata: { name: 'a' } });
  t.is(untyped.status, 400);
  t.is((untyped.body as Status).message, 'Object \'Kind\' is missing in \'{"apiVersion":"example.com/v1","metadata":{"name":"a"}}\'');
  const made = await ask('POST', '/apis/example.com/v1/namespaces/default/crons', { apiVersion: 'example.com/v1', kind: 'Cron', metadata: { name: 'a' }, spec: { replicas: 1 }, status: { dropped: true } });
  t.is(made.status, 201);
  t.like(made.body, { apiVersion: 'example.com/v1', kind: 'Cron', metadata: { generation: 1 }, spec: { replicas: 1 }, status: undefined });
  t.like((await ask('GET', '/apis/example.com/v2/namespaces/default/crons/a')).body, { apiVersion: 'example.com/v2', spec: { replicas: 1 } });
  const lossy = await ask('POST', '/apis/example.com/v2/namespaces/default/crons', { apiVersion: 'example.com/v2', kind: 'Cron', metadata: { name: 'b' }, spec: { replicas: 1 }, more: 1 });
  t.deepEqual(lossy.body, (await ask('GET', '/apis/example.com/v2/namespaces/default/crons/b')).body);
  t.like(lossy.body, { apiVersion: 'example.com/v2', spec: { replicas: 1 }, more: undefined });
  t.like((await ask('GET', '/apis/example.com/v2/crons')).body, { kind: 'CronList', apiVersion: 'example.com/v2' });
  const updated = await ask('PUT', '/apis/example.com/v1/namespaces/default/crons/a/status', { ...(made.body as KubeObject), spec: { replicas: 7 }, status: { ready: 1 } });
  t.like(updated.body, { spec: { replicas: 1 }, status: { ready: 1 }, metadata: { generation: 1 } });
  t.is((await ask('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crons.example.com')).status, 200);
  await waitFor(async () => (await ask('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crons.example.com')).status === 404, { what: 'gone' });
  t.is((await ask('GET', '/apis/example.com/v1/namespaces/default/crons')).status, 404);
});

test('the scale of a custom resource is checked under the path of its definition, and says nothing of zero', async (t) => {
  const server = await startInProcessApi(t);
  const ask = async (method: ApiRequest['method'], path: string, body?: unknown) => server.handle({ method, path, body }, ADMIN);
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { n: { type: 'integer' } } } } } };
  const spec = { group: 'example.com', scope: 'Cluster', names: { plural: 'crons', kind: 'Cron' }, versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } } }] };
  t.is((await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name: 'crons.example.com' }, spec })).status, 201);
  const object = { apiVersion: 'example.com/v1', kind: 'Cron', metadata: { name: 'a' } };
  await waitFor(async () => (await ask('POST', '/apis/example.com/v1/crons', object)).status === 201, { what: 'made' });
  t.like((await ask('GET', '/apis/example.com/v1/crons/a/scale')).body, { code: 500, details: { causes: [{ message: 'the spec replicas field ".spec.n" does not exist' }] } });
  const scale = (replicas: number) => ask('PUT', '/apis/example.com/v1/crons/a/scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas } });
  t.like((await scale(-1)).body, { code: 422, details: { causes: [{ field: '.spec.n', message: 'Invalid value: -1: should be a non-negative integer' }] } });
  t.deepEqual(((await scale(0)).body as { readonly spec: unknown }).spec, {});
  t.deepEqual(((await scale(2)).body as { readonly spec: unknown }).spec, { replicas: 2 });
});

test('formats that nobody checks are told of once a definition is accepted', async (t) => {
  const server = await startInProcessApi(t);
  const warningsOf = async (type: string) => {
    const spec = { group: 'example.com', scope: 'Namespaced', names: { plural: 'crons', kind: 'Cron' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { a: { type, format: 'odd' } } } } }] };
    const { warnings = [] } = await server.handle({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', query: { dryRun: 'All' }, body: { metadata: { name: 'crons.example.com' }, spec } }, ADMIN);
    return warnings;
  };
  t.deepEqual(await warningsOf('text'), []);
  t.deepEqual(await warningsOf('string'), ['unrecognized format "odd"']);
});

test('a definition in a group that the server has itself is granted, and hidden by what is built in', async (t) => {
  const server = await startInProcessApi(t);
  const ask = async (method: ApiRequest['method'], path: string, body?: unknown) => server.handle({ method, path, body }, ADMIN);
  const versions = ['v1', 'v9'].map((name) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: { type: 'object' } } }));
  const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'crons.networking.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved' } }, spec: { group: 'networking.k8s.io', scope: 'Namespaced', names: { plural: 'crons', kind: 'Cron' }, versions } };
  t.is((await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)).status, 201);
  await waitFor(async () => {
    const { body } = await ask('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crons.networking.k8s.io');
    return (body as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True');
  }, { what: 'established' });
  for (const version of ['v1', 'v9']) t.is((await ask('GET', `/apis/networking.k8s.io/${version}/namespaces/default/crons`)).status, 404);
  t.is((await ask('GET', '/apis/networking.k8s.io/v1/namespaces/default/ingresses')).status, 200);
  t.false(JSON.stringify((await ask('GET', '/apis/networking.k8s.io/v1')).body).includes('Cron'));
  t.is((await ask('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crons.networking.k8s.io')).status, 200);
  await waitFor(async () => (await ask('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crons.networking.k8s.io')).status === 404, { what: 'gone' });
});
