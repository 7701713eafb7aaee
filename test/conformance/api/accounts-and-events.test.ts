import type { TokenRequest, TokenReview } from '#api/generated/authentication/v1.ts';
import { CONFIG_MAPS, EVENTS, EVENTS_V1, SECRETS, SERVICE_ACCOUNTS, TOKEN_REVIEWS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour } from './support/behaviour.ts';
import { isDiscovered, updateLatest } from './support/operations.ts';

behaviour('[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]', async ({ t, api, namespace }) => {
  await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'e2e', namespace } });
  const request = (await api.create(SERVICE_ACCOUNTS, { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: { expirationSeconds: 3600, audiences: [] } }, { namespace, name: 'e2e', subresource: 'token' })) as unknown as TokenRequest;
  t.truthy(request.status?.token);
  const review = (await api.create(TOKEN_REVIEWS, { metadata: {}, spec: { token: request.status?.token } })) as unknown as TokenReview;
  t.true(review.status?.authenticated);
  t.falsy(review.status?.error);
  t.is(review.status?.user?.username, `system:serviceaccount:${namespace}:e2e`);
});

behaviour('[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]', async ({ t, api, server, namespace }) => {
  const name = 'kube-root-ca.crt';
  const isRight = async (): Promise<boolean> => ((await api.get(CONFIG_MAPS, name, { namespace })).data?.['ca.crt'] ?? '').trim() === server.ca.trim();
  await waitFor(isRight, { what: 'the CA of a new namespace' });
  await api.delete(CONFIG_MAPS, name, { namespace });
  await waitFor(isRight, { what: 'the deleted CA to come back' });
  await updateLatest({ t, api, server, namespace, unique: String }, CONFIG_MAPS, name, namespace, () => ({ data: { 'ca.crt': '' } }));
  await waitFor(isRight, { what: 'the changed CA to be put right' });
  t.pass();
});

behaviour('[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]', async ({ t, api, namespace }) => {
  const selected = { namespace, query: { labelSelector: 'test-serviceaccount-static=true' } };
  const watch = await api.watch(SERVICE_ACCOUNTS, selected);
  t.teardown(() => watch.close());
  await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'testserviceaccount', namespace, labels: { 'test-serviceaccount-static': 'true' } } });
  await watch.type('ADDED');
  const patched = await api.patch(SERVICE_ACCOUNTS, 'testserviceaccount', 'strategic', { automountServiceAccountToken: false }, { namespace });
  t.is(patched.automountServiceAccountToken, false);
  t.is((await watch.type('MODIFIED')).object.automountServiceAccountToken, false);
  const { items } = await api.list(SERVICE_ACCOUNTS, { query: selected.query });
  t.is(items.find((a) => a.metadata.namespace === namespace)?.automountServiceAccountToken, false);
  await api.deleteCollection(SERVICE_ACCOUNTS, selected);
  await watch.type('DELETED');
});

behaviour('[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'e2e-sa', namespace } });
  await updateLatest(scene, SERVICE_ACCOUNTS, 'e2e-sa', namespace, () => ({ automountServiceAccountToken: true }));
  t.true((await api.get(SERVICE_ACCOUNTS, 'e2e-sa', { namespace })).automountServiceAccountToken);
});

behaviour('[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]', async ({ t, api, namespace }) => {
  t.is((await api.failure(api.create(SECRETS, { metadata: { name: 'empty-key', namespace }, data: { '': 'dmFsdWU=' } }))).reason, 'Invalid');
});

behaviour('[sig-node] Secrets should patch a secret [Conformance]', async ({ t, api, namespace }) => {
  const selected = { namespace, query: { labelSelector: 'testsecret-constant=true' } };
  t.deepEqual((await api.list(SECRETS, selected)).items, []);
  await api.create(SECRETS, { metadata: { name: 'test-secret', namespace, labels: { 'testsecret-constant': 'true' } }, data: { key: Buffer.from('value').toString('base64') }, type: 'Opaque' });
  const value = Buffer.from('value1').toString('base64');
  await api.patch(SECRETS, 'test-secret', 'strategic', { metadata: { labels: { testsecret: 'true' } }, data: { key: value } }, { namespace });
  const patched = await api.get(SECRETS, 'test-secret', { namespace });
  t.is(patched.metadata.labels?.['testsecret'], 'true');
  t.is(patched.data?.['key'], value);
  await api.deleteCollection(SECRETS, selected);
  t.deepEqual((await api.list(SECRETS, selected)).items, []);
});

behaviour('[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]', async ({ t, api, namespace }) => {
  const encoded = (text: string) => ({ 'data-1': Buffer.from(text).toString('base64') });
  const made = await api.create(SECRETS, { metadata: { name: 'immutable', namespace }, data: encoded('value-1') });
  const changed = await api.update(SECRETS, { ...made, data: encoded('value-2') });
  const sealed = await api.update(SECRETS, { ...changed, immutable: true });
  for (const refused of [{ ...sealed, data: encoded('value-3') }, { ...sealed, immutable: undefined }, { ...sealed, immutable: false }]) {
    t.is((await api.failure(api.update(SECRETS, refused))).reason, 'Invalid');
  }
  t.is((await api.update(SECRETS, { ...sealed, metadata: { ...sealed.metadata, labels: { still: 'changeable' } } })).metadata.labels?.['still'], 'changeable');
  await api.delete(SECRETS, 'immutable', { namespace });
  t.is((await api.failure(api.get(SECRETS, 'immutable', { namespace }))).reason, 'NotFound');
});

const about = (namespace: string) => ({ kind: 'Pod', namespace, name: 'some-pod' });

behaviour('[sig-instrumentation] Events should delete a collection of events [Conformance]', async ({ t, api, namespace }) => {
  const selected = { namespace, query: { labelSelector: 'testevent-set=true' } };
  for (const name of ['test-event-1', 'test-event-2', 'test-event-3']) {
    await api.create(EVENTS, { metadata: { name, namespace, labels: { 'testevent-set': 'true' } }, message: `This is ${name}`, reason: 'Test', type: 'Normal', count: 1, involvedObject: about(namespace) });
  }
  t.is((await api.list(EVENTS, selected)).items.length, 3);
  await api.deleteCollection(EVENTS, selected);
  await waitFor(async () => (await api.list(EVENTS, selected)).items.length === 0, { what: 'the events to be gone' });
});

behaviour('[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]', async ({ t, api, namespace }) => {
  const name = 'event-test';
  const isListed = async (): Promise<boolean> => (await api.list(EVENTS, { query: { labelSelector: 'testevent-constant=true' } })).items.some(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  await api.create(EVENTS, { metadata: { name, labels: { 'testevent-constant': 'true' } }, message: 'This is a test event', reason: 'Test', type: 'Normal', count: 1, involvedObject: { namespace } }, { namespace });
  t.true(await isListed());
  await api.patch(EVENTS, name, 'strategic', { message: 'This is a test event - patched' }, { namespace });
  const fetched = await api.get(EVENTS, name, { namespace });
  t.is(fetched.message, 'This is a test event - patched');
  const wanted = unversioned({ ...fetched, series: { count: 100, lastObservedTime: SERIES_TIME } });
  await api.update(EVENTS, wanted);
  t.deepEqual(unversioned(await api.get(EVENTS, name, { namespace })), wanted);
  await api.delete(EVENTS, name, { namespace });
  t.false(await isListed());
});

const SERIES_TIME = '2017-09-19T13:49:16.000000Z';
/** Without what the control plane sets, as who updates it unconditionally sends it. */
const unversioned = <T extends KubeObject>(object: T): T => ({ ...object, metadata: { ...object.metadata, resourceVersion: undefined, managedFields: undefined } });

const newEvent = (namespace: string, name: string, labels: Readonly<Record<string, string>>) => ({
  metadata: { name, namespace, labels }, eventTime: '2026-01-02T03:04:05.000006Z', reportingController: 'test-controller', reportingInstance: 'test-node', action: 'Do',
  reason: 'Test', regarding: about(namespace), note: `This is ${name}`, type: 'Normal',
});

behaviour('[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'event-test';
  await isDiscovered(scene, EVENTS_V1);
  await api.create(EVENTS_V1, newEvent(namespace, name, { 'testevent-constant': 'true' }));
  const isListed = async (where: { readonly namespace?: string }): Promise<boolean> => (await api.list(EVENTS_V1, { ...where, query: { labelSelector: 'testevent-constant=true' } })).items.some(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  for (const where of [{}, { namespace }]) t.true(await isListed(where));
  for (const [resource, fieldSelector] of [[EVENTS, 'source=test-controller'], [EVENTS_V1, 'reportingController=test-controller']] as const) {
    t.deepEqual((await api.list<KubeObject>(resource, { namespace, query: { fieldSelector } })).items.map(({ metadata }) => metadata.name), [name]);
  }
  const made = await api.get(EVENTS_V1, name, { namespace });
  const twice = { count: 2, lastObservedTime: '2017-09-19T13:49:11.000000Z' };
  await api.patch(EVENTS_V1, name, 'strategic', { series: twice }, { namespace });
  const patched = unversioned({ ...made, series: twice });
  t.deepEqual(unversioned(await api.get(EVENTS_V1, name, { namespace })), patched);
  t.is((await api.failure(api.patch(EVENTS_V1, name, 'strategic', { note: 'something else' }, { namespace }))).reason, 'Invalid');
  const updated = { ...patched, series: { count: 100, lastObservedTime: SERIES_TIME } };
  await api.update(EVENTS_V1, updated);
  t.deepEqual(unversioned(await api.get(EVENTS_V1, name, { namespace })), updated);
  // The core API shows the same event.
  t.like(await api.get(EVENTS, name, { namespace }), { message: `This is ${name}`, series: { count: 100 } });
  await api.delete(EVENTS_V1, name, { namespace });
  t.is((await api.failure(api.get(EVENTS_V1, name, { namespace }))).reason, 'NotFound');
  for (const where of [{}, { namespace }]) t.false(await isListed(where));
});

behaviour('[sig-instrumentation] Events API should delete a collection of events [Conformance]', async ({ t, api, namespace }) => {
  const selected = { namespace, query: { labelSelector: 'testevent-set=true' } };
  for (const name of ['event-1', 'event-2', 'event-3']) await api.create(EVENTS_V1, newEvent(namespace, name, { 'testevent-set': 'true' }));
  t.is((await api.list(EVENTS_V1, selected)).items.length, 3);
  await api.deleteCollection(EVENTS_V1, selected);
  await waitFor(async () => (await api.list(EVENTS_V1, selected)).items.length === 0, { what: 'the events to be gone' });
});
