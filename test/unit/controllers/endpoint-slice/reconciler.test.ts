import test from 'ava';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import { NODES, PODS, SERVICES } from '#api/resources.ts';
import { endpointSliceController } from '#controllers/endpoint-slice/reconciler.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';

const service = (publishNotReadyAddresses: boolean) => ({ apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'web', uid: 's' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }], publishNotReadyAddresses } });
const pod = (name: string, nodeName: string, ip: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, uid: name, labels: { app: 'web' } }, spec: { nodeName, containers: [] }, status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } });

for (const [title, isPublished, addresses] of [
  ['a pod whose node is gone is no endpoint', false, ['10.0.0.1']], ['a pod whose node is gone is one where pods need not be ready', true, ['10.0.0.1', '10.0.0.2']],
] as const) {
  test(title, async (t) => {
    const objects = [[SERVICES, service(isPublished)], [NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' } }], [PODS, pod('a', 'here', '10.0.0.1')], [PODS, pod('b', 'gone', '10.0.0.2')]];
    const round = new ControllerRound({ controller: endpointSliceController, objects: objects as unknown as RoundOptions['objects'] });
    await round.reconcile('default/web');
    t.deepEqual(round.writes.flatMap(({ body }) => (body as EndpointSlice).endpoints?.flatMap((e) => e.addresses)), addresses);
  });
}
