import { ENDPOINT_SLICES, ENDPOINTS, LEASES, SERVICES } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';

behaviour('[sig-network] API Server should provide secure master service [Conformance]', async ({ t, api }) => {
  const service = await api.get(SERVICES, 'kubernetes', { namespace: 'default' });
  t.true(service.spec?.ports?.some((p) => p.port === 443 && p.name === 'https'));
});

behaviour('[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]', async ({ t, api }) => {
  const namespace = 'default';
  const endpoints = await api.get(ENDPOINTS, 'kubernetes', { namespace });
  const addresses = (endpoints.subsets ?? []).flatMap((s) => (s.addresses ?? []).map((a) => a.ip));
  t.true(addresses.length > 0);
  const slices = (await api.list(ENDPOINT_SLICES, { namespace, query: { labelSelector: 'kubernetes.io/service-name=kubernetes' } })).items;
  t.deepEqual(slices.flatMap((s) => (s.endpoints ?? []).flatMap((e) => e.addresses ?? [])).toSorted(), addresses.toSorted());
  t.true(slices.every((s) => s.ports?.some((p) => p.name === 'https')));
});

behaviour('[sig-network] Services should find a service from listing all namespaces [Conformance]', async ({ t, api }) => {
  t.true((await api.list(SERVICES)).items.some((s) => s.metadata.name === 'kubernetes' && s.metadata.namespace === 'default'));
});

behaviour('[sig-network] Services should complete a service status lifecycle [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const selected = { namespace, query: { labelSelector: 'test-service-static=true' } };
  const status = { namespace, subresource: 'status' };
  const watch = await api.watch(SERVICES, selected);
  t.teardown(() => watch.close());
  await api.create(SERVICES, { metadata: { name: 'test-service', namespace, labels: { 'test-service-static': 'true' } }, spec: { type: 'LoadBalancer', ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80 }] } });
  await watch.type('ADDED', 'test-service');
  t.is((await api.get(SERVICES, 'test-service', status)).metadata.name, 'test-service');
  const patched = await api.patch(SERVICES, 'test-service', 'merge', { metadata: { annotations: { patchedstatus: 'true' } }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } }, status);
  t.is(patched.status?.loadBalancer?.ingress?.[0]?.ip, '203.0.113.1');
  t.is(patched.metadata.annotations?.['patchedstatus'], 'true');
  await watch.next((e) => e.object.status?.loadBalancer?.ingress !== undefined, 'the patched status');
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test', lastTransitionTime: '2026-01-02T03:04:05Z' };
  await updateLatest(scene, SERVICES, 'test-service', namespace, (live) => ({ status: { ...(live as typeof patched).status, conditions: [condition] } }), 'status');
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'StatusUpdate') === true, 'the updated status');
  await api.patch(SERVICES, 'test-service', 'strategic', { metadata: { labels: { 'test-service': 'patched' } } }, { namespace });
  await watch.next((e) => e.object.metadata.labels?.['test-service'] === 'patched', 'the patched label');
  await api.delete(SERVICES, 'test-service', { namespace });
  await watch.type('DELETED', 'test-service');
});

behaviour('[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'testservice';
  const selected = { namespace, query: { labelSelector: 'test-endpoint-static=true' } };
  const watch = await api.watch(ENDPOINTS, selected);
  t.teardown(() => watch.close());
  const made = await api.create(ENDPOINTS, { metadata: { name, namespace, labels: { 'test-endpoint-static': 'true' } }, subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] });
  await watch.type('ADDED', name);
  t.true((await api.list(ENDPOINTS, { query: selected.query })).items.some((e) => e.metadata.uid === made.metadata.uid));
  await updateLatest(scene, ENDPOINTS, name, namespace, (live) => ({ metadata: { ...live.metadata, labels: { ...live.metadata.labels, 'test-service': 'updated' } } }));
  await watch.next((e) => e.object.metadata.labels?.['test-service'] === 'updated', 'the update');
  await api.patch(ENDPOINTS, name, 'strategic', { metadata: { labels: { 'test-service': 'patched' } }, subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }] }, { namespace });
  await watch.next((e) => e.object.metadata.labels?.['test-service'] === 'patched', 'the patch');
  const patched = await api.get(ENDPOINTS, name, { namespace });
  t.is(patched.subsets?.[0]?.addresses?.[0]?.ip, '10.0.0.25');
  t.deepEqual(patched.subsets?.[0]?.ports?.map((p) => [p.name, p.port]), [['http-test', 8080]]);
  await api.deleteCollection(ENDPOINTS, selected);
  await watch.type('DELETED', name);
  t.is((await api.failure(api.get(ENDPOINTS, name, { namespace }))).reason, 'NotFound');
});

behaviour('[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'example-custom-endpoints';
  const mirrored = { namespace, query: { labelSelector: `kubernetes.io/service-name=${name}` } };
  const mirror = async () => (await api.list(ENDPOINT_SLICES, mirrored)).items;
  const holds = (ip: string, port: number) => waitFor(async () => {
    const [slice, ...more] = await mirror();
    return more.length === 0 && slice?.endpoints?.length === 1 && slice.endpoints[0]?.addresses?.join() === ip && slice.ports?.[0]?.port === port && slice;
  }, { what: `the slice to hold ${ip}:${port}` });
  await api.create(SERVICES, { metadata: { name, namespace }, spec: { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] } });
  await api.create(ENDPOINTS, { metadata: { name, namespace }, subsets: [{ ports: [{ port: 80 }], addresses: [{ ip: '10.1.2.3' }] }] });
  const slice = await holds('10.1.2.3', 80);
  t.is(slice.addressType, 'IPv4');
  t.is(slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], 'endpointslicemirroring-controller.k8s.io');
  await updateLatest(scene, ENDPOINTS, name, namespace, () => ({ subsets: [{ ports: [{ port: 3389 }], addresses: [{ ip: '10.2.3.4' }] }] }));
  await holds('10.2.3.4', 3389);
  await api.delete(ENDPOINTS, name, { namespace });
  await waitFor(async () => (await mirror()).length === 0, { what: 'the slice to be gone' });
});

behaviour('[sig-node] Lease lease API should be available [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const spec = { holderIdentity: 'holder', leaseDurationSeconds: 30, acquireTime: '2026-01-02T03:04:05.000006Z', renewTime: '2026-01-02T03:04:10.000006Z', leaseTransitions: 0 };
  await api.create(LEASES, { metadata: { name: 'lease', namespace }, spec });
  t.deepEqual((await api.get(LEASES, 'lease', { namespace })).spec, spec);
  const changed = { ...spec, holderIdentity: 'holder2', leaseDurationSeconds: 40, acquireTime: '2026-01-02T04:04:05.000006Z', renewTime: '2026-01-02T04:04:10.000006Z', leaseTransitions: 1 };
  await updateLatest(scene, LEASES, 'lease', namespace, () => ({ spec: changed }));
  t.deepEqual((await api.get(LEASES, 'lease', { namespace })).spec, changed);
  await api.patch(LEASES, 'lease', 'strategic', { spec: { holderIdentity: 'holder3', leaseDurationSeconds: 60, leaseTransitions: 2 } }, { namespace });
  t.deepEqual((await api.get(LEASES, 'lease', { namespace })).spec, { ...changed, holderIdentity: 'holder3', leaseDurationSeconds: 60, leaseTransitions: 2 });
  await api.create(LEASES, { metadata: { name: 'lease2', namespace, labels: { deletecollection: 'true' } }, spec });
  const names = async () => (await api.list(LEASES, { namespace })).items.map((l) => l.metadata.name);
  t.deepEqual(await names(), ['lease', 'lease2']);
  await api.deleteCollection(LEASES, { namespace, query: { labelSelector: 'deletecollection=true' } });
  t.deepEqual(await names(), ['lease']);
  await api.delete(LEASES, 'lease', { namespace });
  t.is((await api.failure(api.get(LEASES, 'lease', { namespace }))).reason, 'NotFound');
});
