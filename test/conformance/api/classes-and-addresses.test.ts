import type { Ingress, NetworkPolicy } from '#api/generated/networking/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { INGRESS_CLASSES, INGRESSES, IP_ADDRESSES, NETWORK_POLICIES, SERVICE_CIDRS } from '#api/resources.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { isDiscovered, supportsOperations, updateLatest } from './support/operations.ts';
import { isGone } from './support/workloads.ts';

behaviour('[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]', (scene) =>
  supportsOperations(scene, INGRESS_CLASSES, { make: (name, labels) => ({ metadata: { name, labels }, spec: { controller: 'example.com/controller' } }) }));

const defaultBackend = { service: { name: 'default-backend', port: { number: 80 } } };
const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

async function withClass({ t, api, unique }: Scene, base: string, annotations: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = unique(base);
  await api.create(INGRESS_CLASSES, { metadata: { name, annotations }, spec: { controller: 'example.com/controller' } });
  t.teardown(() => api.deleteCollection(INGRESS_CLASSES, { query: { fieldSelector: `metadata.name=${name}` } }));
  return name;
}

async function classesOfNewIngresses(scene: Scene): Promise<void> {
  const { t, api, namespace, unique } = scene;
  const classOfNew = async () => ((await api.create(INGRESSES, { metadata: { name: unique('ingress') }, spec: { defaultBackend } }, { namespace })) as Ingress & KubeObject).spec?.ingressClassName;
  await withClass(scene, 'plain');
  t.is(await classOfNew(), undefined);
  const second = await withClass(scene, 'b', { [DEFAULT_CLASS]: 'true' });
  t.is(await classOfNew(), second);
  const first = await withClass(scene, 'a', { [DEFAULT_CLASS]: 'true' });
  t.is(await classOfNew(), first);
  for (const name of [first, second]) await api.delete(INGRESS_CLASSES, name);
  t.is(await classOfNew(), undefined);
}

/** The default is the whole cluster's, so one encoding waits for the other. */
let turn: Promise<unknown> = Promise.resolve();
behaviour('[sig-network] IngressClass [Feature:Ingress] should choose the one with the later CreationTimestamp, if equal the one with the lower name when two ingressClasses are marked as default [Serial]', async (scene) => {
  const own = turn.then(() => classesOfNewIngresses(scene));
  turn = own.catch(() => undefined);
  await own;
});

behaviour('[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance], of the default one', async (scene) => {
  const { t, api } = scene;
  await isDiscovered(scene, SERVICE_CIDRS, ['status']);
  const own = await api.get(SERVICE_CIDRS, 'kubernetes');
  const status = await api.get(SERVICE_CIDRS, 'kubernetes', { subresource: 'status' });
  t.like(status, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { uid: own.metadata.uid } });
  t.true(status.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
  t.true((await api.list(SERVICE_CIDRS)).items.some((c) => c.metadata.name === 'kubernetes'));
});

/** Names that no other test of this server takes: one for each encoding. */
const addresses = ['255.255.255.255', '255.255.255.254'];
const linkLocal = ['fe80::42:1dff:fe84:f9e2', 'fe80::42:1dff:fe84:f9e3'];

behaviour('[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]', async (scene) => {
  const { t, api, unique } = scene;
  await isDiscovered(scene, IP_ADDRESSES);
  const v4 = addresses.pop() ?? '';
  const v6 = linkLocal.pop() ?? '';
  const type = unique('type');
  const spec = { parentRef: { group: 'mygroup', resource: 'myresources', namespace: 'foo', name: 'bar' } };
  const made = await api.create(IP_ADDRESSES, { metadata: { name: v4, labels: { [type]: 'broadcast' } }, spec });
  await api.create(IP_ADDRESSES, { metadata: { name: v6, labels: { [type]: 'link-local' } }, spec });
  const patched = await api.patch(IP_ADDRESSES, v4, 'merge', { metadata: { annotations: { patched: 'true' } } });
  t.is(patched.metadata.annotations?.['patched'], 'true');
  t.true(BigInt(patched.metadata.resourceVersion ?? '') > BigInt(made.metadata.resourceVersion ?? ''));
  const updated = await updateLatest(scene, IP_ADDRESSES, v4, undefined, ({ metadata }) => ({ metadata: { ...metadata, annotations: { ...metadata.annotations, updated: 'true' } } }));
  t.is(updated.metadata.annotations?.['updated'], 'true');
  t.is((await api.failure(api.patch(IP_ADDRESSES, v4, 'merge', { spec: { parentRef: { name: 'other' } } }))).reason, 'Invalid');
  const watch = await api.watch(IP_ADDRESSES, { query: { labelSelector: `${type}=broadcast` } });
  t.teardown(() => watch.close());
  await watch.type('ADDED', v4);
  t.is((await api.list(IP_ADDRESSES, { query: { labelSelector: `${type}=broadcast` } })).items.length, 1);
  await api.delete(IP_ADDRESSES, v4);
  await watch.type('DELETED', v4);
  await api.deleteCollection(IP_ADDRESSES, { query: { labelSelector: `${type}=link-local` } });
  await isGone(scene, IP_ADDRESSES, v6);
});

behaviour('[sig-network] Netpol API should support creating NetworkPolicy API operations', (scene) =>
  supportsOperations(scene, NETWORK_POLICIES, {
    make: (name, labels) => ({
      metadata: { name, labels },
      spec: { podSelector: { matchLabels: { 'pod-name': 'test-pod' } }, ingress: [{ from: [{ podSelector: { matchLabels: { 'pod-name': 'client-a' } }, namespaceSelector: { matchLabels: { 'ns-name': 'pod-b' } } }] }] },
    }),
  }));

behaviour('[sig-network] Netpol API should support creating NetworkPolicy API with endport field', async ({ t, api, namespace, unique }) => {
  const allow = (port: object) => api.create(NETWORK_POLICIES, { metadata: { name: unique('endport') }, spec: { podSelector: {}, egress: [{ ports: [port] }] } }, { namespace });
  for (const port of [{}, { port: 'serve-80' }, { port: 30_000 }]) {
    const refused = await api.failure(allow({ ...port, endPort: 20_000 }));
    t.is(refused.reason, 'Invalid');
    t.is(refused.data.status.details?.causes?.[0]?.field, 'spec.egress[0].ports[0].endPort');
  }
  for (const port of [20_000, 10_000]) {
    const made = (await allow({ port, endPort: 20_000 })) as NetworkPolicy & KubeObject;
    t.deepEqual(made.spec?.egress?.[0]?.ports, [{ protocol: 'TCP', port, endPort: 20_000 }]);
    t.deepEqual(made.spec?.policyTypes, ['Ingress', 'Egress']);
  }
});
