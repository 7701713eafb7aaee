import type { Service } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES } from '#api/resources.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { eventually, isGone, newPod } from './support/workloads.ts';

const SERVICE = '[sig-network] Services';
type Live = Service & KubeObject;
const PORT = { name: 'http', port: 80, protocol: 'TCP', targetPort: 80 };
const create = async ({ api, namespace }: Scene, name: string, nodePort?: number): Promise<Live> =>
  (await api.create(SERVICES, { metadata: { name }, spec: { type: 'NodePort', ports: [{ ...PORT, nodePort }] } }, { namespace })) as Live;
const nodePortsOf = ({ spec }: Service): readonly (number | undefined)[] => (spec?.ports ?? []).map((p) => p.nodePort);

behaviour(`${SERVICE} should prevent NodePort collisions, and should release NodePorts on delete`, async (scene) => {
  const { t, api, namespace } = scene;
  const [nodePort] = nodePortsOf(await create(scene, 'collision1'));
  t.regex((await api.failure(create(scene, 'collision2', nodePort))).message, new RegExp(`${nodePort}.*port is already allocated`));
  await api.delete(SERVICES, 'collision1', { namespace });
  t.deepEqual(nodePortsOf(await create(scene, 'collision2', nodePort)), [nodePort]);
});

behaviour(`${SERVICE} should check NodePort out-of-range`, async (scene) => {
  const { t, api, namespace } = scene;
  const [nodePort = 0] = nodePortsOf(await create(scene, 'nodeport-range-test'));
  t.true(nodePort >= 30_000 && nodePort <= 32_767);
  for (const outside of [29_999, 32_768]) {
    const range = new RegExp(`${outside}.*port is not in the valid range`);
    t.regex((await api.failure(api.patch(SERVICES, 'nodeport-range-test', 'json', [{ op: 'replace', path: '/spec/ports/0/nodePort', value: outside }], { namespace }))).message, range);
    t.regex((await api.failure(create(scene, 'outside', outside))).message, range);
  }
});

behaviour(`${SERVICE} should be able to update service type to NodePort listening on same port number but different protocols`, async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(SERVICES, { metadata: { name: 'nodeport-update-service' }, spec: { ports: [{ port: 80, protocol: 'TCP' }] } }, { namespace });
  const ports = [{ name: 'tcp-port', port: 80, protocol: 'TCP' }, { name: 'udp-port', port: 80, protocol: 'UDP' }];
  const updated = (await updateLatest(scene, SERVICES, 'nodeport-update-service', namespace, (live) => ({ spec: { ...(live as Live).spec, type: 'NodePort', ports } }))) as Live;
  const [first, second, ...more] = nodePortsOf(updated);
  t.truthy(first);
  t.truthy(second);
  // Only a new Service gives one number to all protocols of a port.
  t.not(second, first);
  t.deepEqual(more, []);
});

behaviour(`${SERVICE} should create endpoints for unready pods`, async (scene) => {
  const { t, api, namespace } = scene;
  const query = { labelSelector: 'kubernetes.io/service-name=tolerate-unready' };
  const addresses = async () => (await api.list(ENDPOINT_SLICES, { namespace, query })).items.flatMap((s) => s.endpoints ?? []);
  await api.create(SERVICES, { metadata: { name: 'tolerate-unready' }, spec: { selector: { app: 'slow' }, ports: [PORT], publishNotReadyAddresses: true } }, { namespace });
  // A gate that nobody opens keeps it from being ready.
  await api.create(PODS, newPod('slow', { app: 'slow' }, { readinessGates: [{ conditionType: 'example.com/never' }] }), { namespace });
  const [endpoint] = await eventually(async () => {
    const present = await addresses();
    return present.length === 1 && present;
  }, { what: 'the unready pod to be an endpoint' });
  t.like(endpoint, { conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'slow' } });
  await api.patch(SERVICES, 'tolerate-unready', 'merge', { spec: { publishNotReadyAddresses: false } }, { namespace });
  await eventually(async () => (await addresses()).every((e) => e.conditions?.ready === false), { what: 'the unready pod to be told of as such' });
});

behaviour('[sig-network] EndpointSliceMirroring should mirror a custom Endpoint with multiple subsets and same IP address', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'example-custom-endpoints';
  const slices = async () => (await api.list(ENDPOINT_SLICES, { namespace, query: { labelSelector: `kubernetes.io/service-name=${name}` } })).items;
  await api.create(SERVICES, { metadata: { name }, spec: { ports: [80, 81].map((port) => ({ name: `port${port}`, port, protocol: 'TCP' })) } }, { namespace });
  const subsets = [80, 81].map((port) => ({ addresses: [{ ip: '10.2.3.4' }], ports: [{ name: `port${port}`, port, protocol: 'TCP' }] }));
  await api.create(ENDPOINTS, { metadata: { name }, subsets }, { namespace });
  const told = async () => (await slices()).flatMap((s) => (s.ports ?? []).flatMap((p) => (s.endpoints ?? []).flatMap((e) => (e.addresses ?? []).map((a) => `${a}:${p.name}:${p.port}`)))).toSorted();
  await eventually(async () => (await told()).join() === '10.2.3.4:port80:80,10.2.3.4:port81:81', { what: 'both ports to be mirrored' });
  await api.delete(ENDPOINTS, name, { namespace });
  await isGone(scene, ENDPOINTS, name);
  await eventually(async () => (await slices()).length === 0, { what: 'the slices to be gone' });
  t.deepEqual(await told(), []);
});
