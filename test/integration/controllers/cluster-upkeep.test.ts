import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import type { EndpointHints, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { API_SERVICES, CONFIG_MAPS, ENDPOINT_SLICES, ENDPOINTS, EVENTS, IP_ADDRESSES, NAMESPACES, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SECRETS, SERVICE_ACCOUNTS, SERVICE_CIDRS, SERVICES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { GROUP, startExtensionServer, VERSION } from '#test/support/extension-server.ts';
import { startPlaneWithControllers } from '#test/support/running-controllers.ts';
import { waitFor } from '#test/support/wait.ts';
import { deny, startWebhookServer } from '#test/support/webhook-server.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const isGone = (call: Promise<unknown>): Promise<boolean> => call.then(() => false, (error: unknown) => isStatus(error, 'NotFound'));
const slicesOf = async (admin: Client, name: string): Promise<readonly EndpointSlice[]> => (await admin.list(ENDPOINT_SLICES, { namespace: 'default', labelSelector: `kubernetes.io/service-name=${name}` })).items;

test('Endpoints that are kept by hand are mirrored: made, changed, deleted', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await admin.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'own' }, spec: { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] } });
  const endpoints = (ip: string) => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { namespace: 'default', name: 'own' }, subsets: [{ ports: [{ port: 80 }], addresses: [{ ip }] }] });
  const shows = (ip: string) => waitFor(async () => {
    const slices = await slicesOf(admin, 'own');
    return slices.length === 1 && slices[0]?.endpoints?.length === 1 && slices[0].endpoints[0]?.addresses[0] === ip && slices[0];
  }, { what: `a slice with ${ip}` });
  await admin.create(ENDPOINTS, endpoints('10.1.2.3'));
  const first = await shows('10.1.2.3');
  t.deepEqual(first.ports, [{ name: '', port: 80, protocol: 'TCP' }]);
  t.is(first.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], 'endpointslicemirroring-controller.k8s.io');
  await admin.update(ENDPOINTS, endpoints('10.2.3.4'));
  await shows('10.2.3.4');
  await admin.delete(ENDPOINTS, { namespace: 'default', name: 'own' });
  await waitFor(async () => (await slicesOf(admin, 'own')).length === 0, { what: 'no slice' });
});

test('an owner in another namespace is none: its dependents go, or stay where they are in no namespace, and events tell why', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' }, spec: {} });
  const { uid = '' } = (await admin.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'other', name: 'owner' } })).metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
  await admin.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'dependent', ownerReferences } });
  await admin.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'dependent', ownerReferences }, spec: {} });
  const messages = async (): Promise<readonly (string | undefined)[]> => (await admin.list(EVENTS, { namespace: 'default', fieldSelector: 'reason=OwnerRefInvalidNamespace' })).items.map(({ message }) => message).toSorted();
  const words = (namespace: string): string => `ownerRef [v1/ConfigMap, namespace: ${namespace}, name: owner, uid: ${uid}] does not exist in namespace "${namespace}"`;
  await waitFor(async () => isDeepStrictEqual(await messages(), [words(''), words('default')]), { what: 'an event for each' });
  await waitFor(() => isGone(admin.get(CONFIG_MAPS, { namespace: 'default', name: 'dependent' })), { what: 'the dependent to go' });
  t.is((await admin.get(NODES, { name: 'dependent' })).metadata.deletionTimestamp, undefined);
});

test('hints of a Service follow its field, and with the annotation the CPU of the nodes of each zone', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  const status = { allocatable: { cpu: '2' }, conditions: [{ type: 'Ready', status: 'True' as const }] };
  const makeNode = async (name: string, zone: string): Promise<void> => {
    await admin.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } }, spec: {} });
    await admin.patch(NODES, { name }, { type: 'merge', body: { status } }, { subresource: 'status' });
  };
  const makePod = async (name: string, nodeName: string, podIP: string): Promise<void> => {
    await admin.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, labels: { app: 'web' } }, spec: { nodeName, containers: [{ name: 'c', image: 'i' }] } });
    await admin.patch(PODS, { namespace: 'default', name }, { type: 'merge', body: { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [{ type: 'Ready', status: 'True' }] } } }, { subresource: 'status' });
  };
  await makeNode('n1', 'a');
  await Promise.all([makePod('p1', 'n1', '10.1.0.1'), makePod('p2', 'n1', '10.1.0.2')]);
  await admin.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'web' }, spec: { selector: { app: 'web' }, trafficDistribution: 'PreferSameNode', ports: [{ port: 80 }] } });
  const hints = async (): Promise<readonly (EndpointHints | undefined)[]> => (await slicesOf(admin, 'web')).flatMap((slice) => slice.endpoints ?? []).map((e) => e.hints);
  const isHinted = (zones: readonly (string | undefined)[]) => waitFor(async () => isDeepStrictEqual((await hints()).map((hint) => hint?.forZones?.[0]?.name).toSorted(), zones), { what: `hints for ${zones.join()}` });
  await isHinted(['a', 'a']);
  t.deepEqual((await hints())[0], { forNodes: [{ name: 'n1' }], forZones: [{ name: 'a' }] });

  await admin.patch(SERVICES, { namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } } });
  await isHinted([undefined, undefined]);
  const told = await waitFor(async () => (await admin.list(EVENTS, { namespace: 'default' })).items.find((e) => e.reason === 'TopologyAwareHintsDisabled'), { what: 'the reason is told' });
  t.is(told.message, 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4');
  await makeNode('n2', 'b');
  await isHinted(['a', 'b']);
});

test('a range becomes ready, gives addresses, and stays as long as a Service has one of them', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await admin.create(SERVICE_CIDRS, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'more' }, spec: { cidrs: ['203.0.113.0/24'] } });
  await waitFor(async () => (await admin.get(SERVICE_CIDRS, { name: 'more' })).status?.conditions?.[0]?.status === 'True', { what: 'the range is ready' });
  await admin.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 's' }, spec: { clusterIP: '203.0.113.10', ports: [{ port: 80 }] } });
  await admin.delete(SERVICE_CIDRS, { name: 'more' });
  const condition = await waitFor(async () => {
    const ready = (await admin.get(SERVICE_CIDRS, { name: 'more' })).status?.conditions?.[0];
    return ready?.status === 'False' && ready;
  }, { what: 'the range is held' });
  t.is(condition.reason, 'Terminating');
});

test('an address whose IPAddress was deleted by hand gets it again; one that names a Service that is gone goes', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  const { spec } = await admin.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 's' }, spec: { ports: [{ port: 80 }] } });
  const old = await admin.get(IP_ADDRESSES, { name: spec.clusterIP ?? '' });
  await admin.delete(IP_ADDRESSES, { name: old.metadata.name });
  await waitFor(async () => (await admin.get(IP_ADDRESSES, { name: old.metadata.name })).metadata.uid !== old.metadata.uid, { what: 'a new IPAddress' });
  await admin.create(IP_ADDRESSES, { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: '10.96.0.99' }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'never' } } });
  await waitFor(() => isGone(admin.get(IP_ADDRESSES, { name: '10.96.0.99' })), { what: 'the stray address is gone' });
  t.pass();
});

test('claims and volumes in use stay until they are used no more', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  const claim = { namespace: 'default', name: 'data' };
  const made = await admin.create(PERSISTENT_VOLUME_CLAIMS, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: claim, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
  t.deepEqual(made.metadata.finalizers, ['kubernetes.io/pvc-protection']);
  await admin.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'user' }, spec: { nodeName: 'n1', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] } });
  await admin.delete(PERSISTENT_VOLUME_CLAIMS, claim);
  t.truthy((await admin.get(PERSISTENT_VOLUME_CLAIMS, claim)).metadata.deletionTimestamp);
  await admin.delete(PODS, { namespace: 'default', name: 'user' }, { gracePeriodSeconds: 0 });
  await waitFor(() => isGone(admin.get(PERSISTENT_VOLUME_CLAIMS, claim)), { what: 'the claim is gone' });

  await admin.create(PERSISTENT_VOLUMES, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv' }, spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } } });
  await admin.delete(PERSISTENT_VOLUMES, { name: 'pv' });
  await waitFor(() => isGone(admin.get(PERSISTENT_VOLUMES, { name: 'pv' })), { what: 'the volume is gone' });
});

test('of a deleted namespace the pods go first', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'old' }, spec: {} });
  await admin.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'old', name: 'c' } });
  await admin.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'old', name: 'p', finalizers: ['example.com/hold'] }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await admin.delete(NAMESPACES, { name: 'old' });
  await waitFor(async () => (await admin.get(NAMESPACES, { name: 'old' })).status?.conditions?.some((c) => c.type === 'NamespaceFinalizersRemaining' && c.status === 'True'), { what: 'the namespace tells of the finalizer' });
  t.is((await admin.get(CONFIG_MAPS, { namespace: 'old', name: 'c' })).metadata.deletionTimestamp, undefined);
  await admin.patch(PODS, { namespace: 'old', name: 'p' }, { type: 'merge', body: { metadata: { finalizers: null } } });
  await waitFor(() => isGone(admin.get(NAMESPACES, { name: 'old' })), { what: 'the namespace is gone' });
});

test('a namespace that cannot be emptied says why, and goes when it can', async (t) => {
  const { admin, plane } = await startPlaneWithControllers(t);
  const hook = await startWebhookServer(t, () => deny('kept for the audit'));
  await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kept' }, spec: {} });
  await admin.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'kept', name: 'held', labels: { hold: 'yes' } } });
  await admin.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'kept', name: 'free' } });
  const answer = await plane.server.handle({
    method: 'POST', path: HOOKS, body: {
      metadata: { name: 'holder' },
      webhooks: [{ name: 'holder.example.com', clientConfig: { url: hook.url, caBundle: hook.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'], objectSelector: { matchLabels: { hold: 'yes' } }, rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] }] }],
    },
  }, ADMIN);
  t.is(answer.status, 201);
  await admin.delete(NAMESPACES, { name: 'kept' });
  const told = await waitFor(async () => (await admin.get(NAMESPACES, { name: 'kept' })).status?.conditions?.find((c) => c.type === 'NamespaceDeletionContentFailure' && c.status === 'True'), { what: 'the refusal to be told' });
  t.is(told.message, 'Failed to delete all resource types, 1 remaining: admission webhook "holder.example.com" denied the request: kept for the audit');
  await waitFor(() => isGone(admin.get(SECRETS, { namespace: 'kept', name: 'free' })), { what: 'what may go to be gone' });
  await plane.server.handle({ method: 'DELETE', path: `${HOOKS}/holder` }, ADMIN);
  await waitFor(() => isGone(admin.get(NAMESPACES, { name: 'kept' })), { what: 'the namespace is gone' });
});

test('what an extension API server holds of a deleted namespace goes through it, and the namespace waits for a server that does not answer', async (t) => {
  const { admin, plane } = await startPlaneWithControllers(t);
  const extension = await startExtensionServer(t, plane.pki.frontProxy.ca);
  await admin.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'wardle' }, spec: { ports: [{ name: 'https', port: 443 }] } });
  await admin.create(API_SERVICES, {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${VERSION}.${GROUP}` },
    spec: { group: GROUP, version: VERSION, groupPriorityMinimum: 2000, versionPriority: 200, caBundle: extension.caBundle, service: { namespace: 'default', name: 'wardle' } },
  });
  for (const name of ['left', 'other']) await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
  const isAvailable = async () => (await admin.get(API_SERVICES, { name: `${VERSION}.${GROUP}` })).status?.conditions?.[0]?.status;
  await waitFor(async () => (await isAvailable()) === 'False', { what: 'the server is known not to be there' });
  await admin.delete(NAMESPACES, { name: 'left' });
  const told = await waitFor(async () => (await admin.get(NAMESPACES, { name: 'left' })).status?.conditions?.find((c) => c.type === 'NamespaceDeletionDiscoveryFailure' && c.status === 'True'), { what: 'the lack of an answer to be told' });
  t.is(told.message, `Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ${GROUP}/${VERSION}: stale GroupVersion discovery: ${GROUP}/${VERSION}`);

  await admin.create(ENDPOINT_SLICES, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { namespace: 'default', name: 'wardle-1', labels: { 'kubernetes.io/service-name': 'wardle' } }, addressType: 'FQDN', endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], ports: [{ name: 'https', port: extension.port }] });
  await waitFor(() => isGone(admin.get(NAMESPACES, { name: 'left' })), { what: 'the namespace is gone' });

  const flunders = { group: GROUP, version: VERSION, kind: 'Flunder', plural: 'flunders', singular: 'flunder', shortNames: [], categories: [], namespaced: true, verbs: ['create', 'list', 'delete'], subresources: [] } as const;
  for (const namespace of ['default', 'other']) await admin.create(flunders, { apiVersion: `${GROUP}/${VERSION}`, kind: 'Flunder', metadata: { namespace, name: 'one' } });
  await admin.delete(NAMESPACES, { name: 'other' });
  await waitFor(() => isGone(admin.get(NAMESPACES, { name: 'other' })), { what: 'the other namespace is gone' });
  t.deepEqual((await admin.list(flunders)).items.map((o) => o.metadata.namespace), ['default']);
});

test('a token that nobody has used for long is made invalid, and goes when it was that for long', async (t) => {
  const { admin, plane } = await startPlaneWithControllers(t);
  const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };
  const label = 'kubernetes.io/legacy-token-invalid-since';
  t.regex((await admin.get(CONFIG_MAPS, tracking)).data?.['since'] ?? '', /^\d{4}-\d\d-\d\d$/);
  await admin.patch(CONFIG_MAPS, tracking, { type: 'merge', body: { data: { since: '2020-01-01' } } });
  const account = await admin.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'old' }, secrets: [{ name: 'listed' }] });
  const annotations = { 'kubernetes.io/service-account.name': 'old', 'kubernetes.io/service-account.uid': account.metadata.uid };
  const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name, uid: name, creationTimestamp: '2020-01-01T00:00:00Z', annotations }, type: 'kubernetes.io/service-account-token', data: {} });
  await plane.store.transaction(['listed', 'by-hand'].map((name) => ({ type: 'put', key: { resource: 'secrets', namespace: 'default', name }, value: JSON.stringify(secret(name)), expect: 'absent' })));
  const target = { namespace: 'default', name: 'listed' };
  const since = await waitFor(async () => (await admin.get(SECRETS, target)).metadata.labels?.[label], { what: 'the token to be invalid' });
  t.regex(since, /^\d{4}-\d\d-\d\d$/);
  await admin.patch(SECRETS, target, { type: 'merge', body: { metadata: { labels: { [label]: '2021-01-01' } } } });
  await waitFor(() => isGone(admin.get(SECRETS, target)), { what: 'the token to be gone' });
  t.is((await admin.get(SECRETS, { namespace: 'default', name: 'by-hand' })).metadata.labels?.[label], undefined);
});
