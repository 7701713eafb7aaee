import type { Service } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { ENDPOINT_SLICES, ENDPOINTS, NAMESPACES, NODES, PODS, REPLICATION_CONTROLLERS, SERVICES } from '#api/resources.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, containers, eventually, isGone, newPod, newReplicationController, podsOf, runs } from './support/workloads.ts';

const SERVICE = '[sig-network] Services';
type Live = Service & KubeObject;
const create = async ({ api, namespace }: Scene, name: string, spec: object): Promise<Live> => (await api.create(SERVICES, { metadata: { name, labels: { name } }, spec }, { namespace })) as Live;
const change = async (scene: Scene, name: string, spec: object): Promise<Live> => (await updateLatest(scene, SERVICES, name, scene.namespace, (live) => ({ spec: { ...(live as Service).spec, ...spec } }))) as Live;
const isAddress = (text = ''): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text);
const PORT = { port: 80, name: 'http', protocol: 'TCP', targetPort: 9376 };

behaviour(`${SERVICE} should be able to change the type from ExternalName to ClusterIP [Conformance]`, async (scene) => {
  const { t } = scene;
  const made = await create(scene, 'externalname-service', { type: 'ExternalName', externalName: 'foo.example.com' });
  t.falsy(made.spec?.clusterIP);
  const changed = await change(scene, 'externalname-service', { type: 'ClusterIP', externalName: undefined, ports: [PORT] });
  t.true(isAddress(changed.spec?.clusterIP));
  t.is(changed.spec?.externalName, undefined);
});

behaviour(`${SERVICE} should be able to change the type from ExternalName to NodePort [Conformance]`, async (scene) => {
  const { t } = scene;
  await create(scene, 'externalname-service', { type: 'ExternalName', externalName: 'foo.example.com' });
  const changed = await change(scene, 'externalname-service', { type: 'NodePort', externalName: undefined, ports: [PORT] });
  t.true(isAddress(changed.spec?.clusterIP));
  t.true((changed.spec?.ports?.[0]?.nodePort ?? 0) >= 30_000);
});

/** The suite leaves the address as it is; older clients clear one of the two fields, and know nothing of the other. */
const ADDRESS_LEFT: readonly object[] = [{}, { clusterIP: undefined }, { clusterIPs: undefined }, { clusterIP: undefined, clusterIPs: undefined }];

for (const type of ['ClusterIP', 'NodePort'] as const) {
  behaviour(`${SERVICE} should be able to change the type from ${type} to ExternalName [Conformance]`, async (scene) => {
    const { t, api, namespace } = scene;
    for (const left of ADDRESS_LEFT) {
      const made = await create(scene, 'service', { type, ports: [PORT] });
      const changed = await change(scene, 'service', { type: 'ExternalName', externalName: 'clusterip.example.com', ...left });
      t.falsy(changed.spec?.clusterIP);
      t.deepEqual(changed.spec?.clusterIPs ?? [], []);
      t.is(changed.spec?.ports?.[0]?.nodePort, undefined);
      // What it had can be given to another.
      const next = await create(scene, 'next', { type, clusterIP: made.spec?.clusterIP, ports: [{ ...PORT, ...(type === 'NodePort' ? { nodePort: made.spec?.ports?.[0]?.nodePort } : {}) }] });
      t.is(next.spec?.clusterIP, made.spec?.clusterIP);
      for (const name of ['service', 'next']) await api.delete(SERVICES, name, { namespace });
    }
  });

  behaviour(`${SERVICE} should be able to switch session affinity for ${type === 'ClusterIP' ? 'service with type clusterIP' : 'NodePort service'} [LinuxOnly] [Conformance]`, async (scene) => {
    const { t } = scene;
    const made = await create(scene, 'affinity', { type, sessionAffinity: 'ClientIP', ports: [PORT] });
    t.is(made.spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds, 10_800);
    const none = await change(scene, 'affinity', { sessionAffinity: 'None', sessionAffinityConfig: undefined });
    t.is(none.spec?.sessionAffinityConfig, undefined);
    t.is((await change(scene, 'affinity', { sessionAffinity: 'ClientIP' })).spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds, 10_800);
  });
}

behaviour(`${SERVICE} should delete a collection of services [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  for (const name of ['e2e-svc-a', 'e2e-svc-b', 'e2e-svc-c']) {
    await api.create(SERVICES, { metadata: { name, labels: { 'e2e-test-label': name === 'e2e-svc-c' ? 'kept' : 'deleted' } }, spec: { ports: [PORT] } }, { namespace });
  }
  t.is((await api.list(SERVICES, { namespace })).items.length, 3);
  await api.deleteCollection(SERVICES, { namespace, query: { labelSelector: 'e2e-test-label=deleted' } });
  t.deepEqual((await api.list(SERVICES, { namespace })).items.map((s) => s.metadata.name), ['e2e-svc-c']);
});

/** `address:port` of every ready endpoint of a Service, as Endpoints and as EndpointSlices tell it. */
async function endpointsOf({ api, namespace }: Scene, name: string): Promise<{ readonly old: readonly string[]; readonly slices: readonly string[] }> {
  const { subsets } = await api.get(ENDPOINTS, name, { namespace }).catch(() => ({ subsets: [] }));
  const { items } = await api.list(ENDPOINT_SLICES, { namespace, query: { labelSelector: `kubernetes.io/service-name=${name}` } });
  return {
    old: (subsets ?? []).flatMap((s) => (s.addresses ?? []).flatMap((a) => (s.ports ?? []).map((p) => `${a.targetRef?.name}:${p.port}`))).toSorted(),
    slices: items.flatMap((s) => (s.endpoints ?? []).filter((e) => e.conditions?.ready).flatMap((e) => (s.ports ?? []).map((p) => `${e.targetRef?.name}:${p.port}`))).toSorted(),
  };
}
const serves = (scene: Scene, name: string, wanted: readonly string[]): Promise<true> =>
  eventually(async () => {
    const { old, slices } = await endpointsOf(scene, name);
    return (old.join() === wanted.join() && slices.join() === wanted.join()) || undefined;
  }, { what: `${name} to serve ${wanted.join() || 'nothing'}` });
const serving = (name: string, labels: Readonly<Record<string, string>>, ports: readonly { readonly name: string; readonly containerPort: number }[]) => newPod(name, labels, { containers: containers({ ports }) });

behaviour(`${SERVICE} should serve a basic endpoint from pods [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await create(scene, 'endpoint-test2', { selector: { app: 'basic' }, ports: [{ port: 80, targetPort: 80 }] });
  await serves(scene, 'endpoint-test2', []);
  await api.create(PODS, serving('pod1', { app: 'basic' }, [{ name: 'http', containerPort: 80 }]), { namespace });
  await serves(scene, 'endpoint-test2', ['pod1:80']);
  await api.create(PODS, serving('pod2', { app: 'basic' }, [{ name: 'http', containerPort: 80 }]), { namespace });
  await serves(scene, 'endpoint-test2', ['pod1:80', 'pod2:80']);
  await api.delete(PODS, 'pod1', { namespace });
  await serves(scene, 'endpoint-test2', ['pod2:80']);
  await api.delete(PODS, 'pod2', { namespace });
  t.true(await serves(scene, 'endpoint-test2', []));
});

behaviour(`${SERVICE} should serve multiport endpoints from pods [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await create(scene, 'multi-endpoint-test', { selector: { app: 'multi' }, ports: [{ name: 'portname1', port: 80, targetPort: 'svc1port' }, { name: 'portname2', port: 81, targetPort: 'svc2port' }] });
  await api.create(PODS, serving('pod1', { app: 'multi' }, [{ name: 'svc1port', containerPort: 100 }]), { namespace });
  await serves(scene, 'multi-endpoint-test', ['pod1:100']);
  await api.create(PODS, serving('pod2', { app: 'multi' }, [{ name: 'svc2port', containerPort: 101 }]), { namespace });
  await serves(scene, 'multi-endpoint-test', ['pod1:100', 'pod2:101']);
  await api.delete(PODS, 'pod1', { namespace });
  t.true(await serves(scene, 'multi-endpoint-test', ['pod2:101']));
});

behaviour(`${SERVICE} should serve endpoints on same port and different protocols [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const both = [{ name: 'tcp-port', port: 80, protocol: 'TCP' }, { name: 'udp-port', port: 80, protocol: 'UDP' }];
  await create(scene, 'multiprotocol-test', { selector: { app: 'protocols' }, ports: both });
  await api.create(PODS, newPod('pod1', { app: 'protocols' }), { namespace });
  await serves(scene, 'multiprotocol-test', ['pod1:80', 'pod1:80']);
  for (const kept of both) {
    const changed = await change(scene, 'multiprotocol-test', { ports: [kept] });
    t.like(changed.spec?.ports, [kept]);
    await serves(scene, 'multiprotocol-test', ['pod1:80']);
  }
});

behaviour('[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  for (const name of ['pod1', 'pod2']) await api.create(PODS, serving(name, { app: 'slices', pod: name }, [{ name: 'example', containerPort: 3000 }]), { namespace });
  await create(scene, 'example-int-port', { selector: { app: 'slices', pod: 'pod1' }, ports: [{ name: 'example', port: 80, targetPort: 3000 }], publishNotReadyAddresses: true });
  await create(scene, 'example-named-port', { selector: { app: 'slices' }, ports: [{ name: 'http', port: 80, targetPort: 'example' }], publishNotReadyAddresses: true });
  await create(scene, 'example-no-match', { selector: { app: 'nothing' }, ports: [{ port: 80 }] });
  await serves(scene, 'example-int-port', ['pod1:3000']);
  await serves(scene, 'example-named-port', ['pod1:3000', 'pod2:3000']);
  t.true(await serves(scene, 'example-no-match', []));
  const [slice] = (await api.list(ENDPOINT_SLICES, { namespace, query: { labelSelector: 'kubernetes.io/service-name=example-int-port' } })).items;
  t.is(slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], 'endpointslice-controller.k8s.io');
  t.is(slice?.metadata.ownerReferences?.[0]?.kind, 'Service');
  const nodeName = slice?.endpoints?.[0]?.nodeName ?? '';
  t.is(slice?.endpoints?.[0]?.zone, (await api.get(NODES, nodeName)).metadata.labels?.['topology.kubernetes.io/zone']);
});

behaviour('[sig-network] EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector specified [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'example-empty-selector';
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  await create(scene, name, { selector: { 'does-not-match-anything': 'endpoints-and-endpoint-slices-should-still-be-created' }, ports: [{ name: 'example', port: 80, protocol: 'TCP' }] });
  await becomes(scene, ENDPOINTS, name, () => true, 'to be made');
  await eventually(async () => (await api.list(ENDPOINT_SLICES, { namespace, query })).items.length === 1, { what: 'a slice' });
  await api.delete(SERVICES, name, { namespace });
  t.true(await isGone(scene, ENDPOINTS, name));
  await eventually(async () => (await api.list(ENDPOINT_SLICES, { namespace, query })).items.length === 0, { what: 'the slices to be gone' });
});

behaviour('[sig-network] EndpointsController should create Endpoints for Pods matching a Service [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(PODS, serving('pod1', { app: 'endpoints' }, [{ name: 'example', containerPort: 3000 }]), { namespace });
  await create(scene, 'example', { selector: { app: 'endpoints' }, ports: [{ name: 'http', port: 80, targetPort: 'example' }] });
  t.true(await serves(scene, 'example', ['pod1:3000']));
});

behaviour('[sig-network] Service endpoints latency should not be very high [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(REPLICATION_CONTROLLERS, newReplicationController('svc-latency-rc', 1), { namespace });
  const [pod] = await runs(scene, 'name=svc-latency-rc', 1);
  const watch = await api.watch(ENDPOINTS, { namespace });
  t.teardown(() => watch.close());
  const names = Array.from({ length: 20 }, (_, i) => `latency-svc-${i}`);
  await Promise.all(names.map((name) => create(scene, name, { selector: { name: 'svc-latency-rc' }, ports: [PORT] })));
  // The suite takes 50 s for very high; none is waited for so long.
  const found = await Promise.all(names.map((name) => becomes(scene, ENDPOINTS, name, ({ subsets }) => subsets?.[0]?.addresses?.[0]?.targetRef?.name === pod?.metadata.name, 'to name the pod')));
  t.deepEqual(found.map(({ metadata }) => metadata.name), names);
});

behaviour('[sig-api-machinery] Namespaces [Serial] should ensure that all pods are removed when a namespace is deleted [Conformance]', async (scene) => {
  const { t, api, unique } = scene;
  const other = unique('nsdeletetest');
  await api.create(NAMESPACES, { metadata: { name: other } });
  const there = { ...scene, namespace: other };
  await api.create(PODS, newPod('test-pod'), { namespace: other });
  await becomes(there, PODS, 'test-pod', ({ status }) => status?.phase === 'Running', 'to run');
  await api.delete(NAMESPACES, other);
  await isGone(there, NAMESPACES, other);
  await api.create(NAMESPACES, { metadata: { name: other } });
  t.deepEqual((await api.list(PODS, { namespace: other })).items, []);
  await api.delete(NAMESPACES, other);
});

behaviour('[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]', async (scene) => {
  const { t, api, unique } = scene;
  const other = unique('nsdeletetest');
  const there = { ...scene, namespace: other };
  await api.create(NAMESPACES, { metadata: { name: other } });
  const held = newPod('pod', { held: 'yes' });
  await api.create(PODS, { ...held, metadata: { ...held.metadata, finalizers: ['example.com/held'] } }, { namespace: other });
  await api.create(SERVICES, { metadata: { name: 'waits', finalizers: [] }, spec: { ports: [PORT] } }, { namespace: other });
  await api.delete(NAMESPACES, other);
  const waiting = await becomes(there, NAMESPACES, other, ({ status }) => status?.conditions?.some((c) => c.type === 'NamespaceFinalizersRemaining' && c.status === 'True') === true, 'to tell what it waits for');
  t.is(waiting.status?.phase, 'Terminating');
  const service = await api.get(SERVICES, 'waits', { namespace: other });
  t.is(service.metadata.deletionTimestamp, undefined);
  t.is((await podsOf(there, 'held=yes'))[0]?.metadata.finalizers?.length, 1);
  await api.patch(PODS, 'pod', 'merge', { metadata: { finalizers: null } }, { namespace: other });
  t.true(await isGone(there, NAMESPACES, other));
});
