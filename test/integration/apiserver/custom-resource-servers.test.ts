import { CustomObjectsApi, KubeConfig, makeInformer, type KubernetesListObject, type KubernetesObject } from '@kubernetes/client-node';
import test from 'ava';
import { type ControlPlane, startAnother, startControlPlane } from '#test/support/control-plane.ts';
import { DEFINITIONS, establish, readDefinition, send } from '#test/support/custom-definition.ts';
import { waitFor } from '#test/support/wait.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const widgets = (group: string, name = ''): string => `/apis/${group}/v1/namespaces/default/widgets${name === '' ? '' : `/${name}`}`;

test('two servers on one store serve a definition as soon as one of them does', async (t) => {
  const other = await startAnother(plane);
  t.teardown(() => other.stop());
  await establish(plane.server, { group: 'both.example.com' });
  const made = await send(other.server, 'POST', widgets('both.example.com'), { metadata: { name: 'a' }, spec: { x: 1 } });
  t.is(made.status, 201, JSON.stringify(made.body));
  t.like((await send(plane.server, 'GET', widgets('both.example.com', 'a'))).body, { kind: 'Widget', spec: { x: 1 } });
  await send(other.server, 'DELETE', `${DEFINITIONS}/widgets.both.example.com`);
  for (const { server } of [plane, other]) {
    await waitFor(async () => (await send(server, 'GET', `${DEFINITIONS}/widgets.both.example.com`)).status === 404, { what: 'the definition to go' });
    t.is((await send(server, 'GET', widgets('both.example.com'))).status, 404);
  }
});

test('a server that starts serves what is in force, and ends the deletion that another began', async (t) => {
  const first = await startAnother(plane);
  await establish(first.server, { group: 'restart.example.com' });
  for (const [name, finalizers] of [['held', ['example.com/held']], ['free', []]] as const) {
    t.is((await send(first.server, 'POST', widgets('restart.example.com'), { metadata: { name, finalizers } })).status, 201);
  }
  await send(first.server, 'DELETE', `${DEFINITIONS}/widgets.restart.example.com`);
  await waitFor(async () => (await send(plane.server, 'GET', widgets('restart.example.com', 'free'))).status === 404, { what: 'the free object to go' });
  await first.stop();

  const second = await startAnother(plane);
  t.teardown(() => second.stop());
  t.like((await send(second.server, 'GET', widgets('restart.example.com', 'held'))).body, { metadata: { name: 'held' } });
  const refused = await send(second.server, 'POST', widgets('restart.example.com'), { metadata: { name: 'new' } });
  t.like(refused.body, { reason: 'Forbidden', message: 'widgets.restart.example.com "new" is forbidden: create not allowed while custom resource definition is terminating' });
  t.like((await readDefinition(second.server, 'widgets.restart.example.com')).status?.conditions?.find((c) => c.type === 'Terminating'), { status: 'True', reason: 'InstanceDeletionInProgress' });
  t.is((await send(second.server, 'PATCH', widgets('restart.example.com', 'held'), { metadata: { finalizers: null } })).status, 200);
  await waitFor(async () => (await send(second.server, 'GET', `${DEFINITIONS}/widgets.restart.example.com`)).status === 404, { what: 'the definition to go' });
});

test('a name that is taken is granted when it is given back', async (t) => {
  await establish(plane.server, { group: 'names.example.com', plural: 'widgets', kind: 'Widget', shortNames: ['w'] });
  const clash = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'wheels.names.example.com' }, spec: { group: 'names.example.com', scope: 'Namespaced', names: { plural: 'wheels', kind: 'Wheel', shortNames: ['w'] }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } };
  await send(plane.server, 'POST', DEFINITIONS, clash);
  const refused = await waitFor(async () => (await readDefinition(plane.server, 'wheels.names.example.com')).status?.conditions?.find((c) => c.type === 'NamesAccepted'), { what: 'the conflict' });
  t.like(refused, { status: 'False', reason: 'ShortNamesConflict', message: '"w" is already in use' });
  t.is((await send(plane.server, 'GET', '/apis/names.example.com/v1/wheels')).status, 404);
  await send(plane.server, 'DELETE', `${DEFINITIONS}/widgets.names.example.com`);
  await waitFor(async () => (await send(plane.server, 'GET', '/apis/names.example.com/v1/wheels')).status === 200, { what: 'the name to be granted' });
});

test('an informer of the Kubernetes client library sees custom resources', async (t) => {
  await establish(plane.server, { group: 'informed.example.com' });
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  const api = config.makeApiClient(CustomObjectsApi);
  const target = { group: 'informed.example.com', version: 'v1', namespace: 'default', plural: 'widgets' };
  const seen: string[] = [];
  const informer = makeInformer(config, widgets('informed.example.com'), () => api.listNamespacedCustomObject(target) as Promise<KubernetesListObject<KubernetesObject>>);
  for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata?.name}`));
  t.teardown(() => informer.stop());
  await informer.start();
  await api.createNamespacedCustomObject({ ...target, body: { apiVersion: 'informed.example.com/v1', kind: 'Widget', metadata: { name: 'a' } } });
  await api.patchNamespacedCustomObject({ ...target, name: 'a', body: [{ op: 'add', path: '/spec', value: { x: 1 } }] });
  await api.deleteNamespacedCustomObject({ ...target, name: 'a' });
  await waitFor(() => seen.length === 3, { what: 'the events' });
  t.deepEqual(seen, ['add a', 'update a', 'delete a']);
});
