import { NAMESPACES, SERVICES } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';

behaviour('[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted [Conformance]', async ({ t, api, unique }) => {
  const name = unique('nsdeletetest');
  await api.create(NAMESPACES, { metadata: { name } });
  await api.create(SERVICES, { metadata: { name: 'test-service', namespace: name }, spec: { selector: { foo: 'bar' }, ports: [{ port: 80, targetPort: 80 }] } });
  await api.delete(NAMESPACES, name);
  await waitFor(async () => (await api.failure(api.get(NAMESPACES, name))).reason === 'NotFound', { what: 'the namespace to be gone' });
  await api.create(NAMESPACES, { metadata: { name } });
  t.is((await api.failure(api.get(SERVICES, 'test-service', { namespace: name }))).reason, 'NotFound');
  await api.delete(NAMESPACES, name);
});

behaviour('[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]', async ({ t, api, namespace }) => {
  await api.patch(NAMESPACES, namespace, 'strategic', { metadata: { labels: { testLabel: 'testValue' } } });
  t.is((await api.get(NAMESPACES, namespace)).metadata.labels?.['testLabel'], 'testValue');
});

behaviour('[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await updateLatest(scene, NAMESPACES, namespace, undefined, (live) => ({ metadata: { ...live.metadata, labels: { ...live.metadata.labels, updated: 'yes' } } }));
  t.is((await api.get(NAMESPACES, namespace)).metadata.labels?.['updated'], 'yes');
});

behaviour('[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const status = { subresource: 'status' };
  t.is((await api.get(NAMESPACES, namespace, status)).status?.phase, 'Active');
  const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'patched by the test' };
  const patched = await api.patch(NAMESPACES, namespace, 'merge', { metadata: { annotations: { patchedstatus: 'true' } }, status: { conditions: [condition] } }, status);
  t.is(patched.metadata.annotations?.['patchedstatus'], 'true');
  t.like(patched.status?.conditions?.[0], condition);
  const updated = await updateLatest(scene, NAMESPACES, namespace, undefined, (live) => {
    const present = (live as typeof patched).status;
    return { status: { ...present, conditions: [...(present?.conditions ?? []), { ...condition, type: 'StatusUpdate' }] } };
  }, 'status');
  t.deepEqual((updated as typeof patched).status?.conditions?.map((c) => c.type), ['StatusPatch', 'StatusUpdate']);
  t.is((updated as typeof patched).status?.phase, 'Active');
});

behaviour('[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const fake = 'e2e.example.com/fakeFinalizer';
  type WithSpec = { readonly spec?: { readonly finalizers?: readonly string[] } };
  await api.update(NAMESPACES, { ...(await api.get(NAMESPACES, namespace)), spec: { finalizers: ['kubernetes', fake] } }, { subresource: 'finalize' });
  t.true(((await api.get(NAMESPACES, namespace)) as WithSpec).spec?.finalizers?.includes(fake));
  await api.update(NAMESPACES, { ...(await api.get(NAMESPACES, namespace)), spec: { finalizers: ['kubernetes'] } }, { subresource: 'finalize' });
  t.deepEqual(((await api.get(NAMESPACES, namespace)) as WithSpec).spec?.finalizers, ['kubernetes']);
});
