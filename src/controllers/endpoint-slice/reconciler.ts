import type { Node, Pod, Service } from '#api/generated/core/v1.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { generateName } from '#api/names.ts';
import { templateHash } from '#api/pods.ts';
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '#api/resources.ts';
import type { Informer } from '#client/informer.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { endpointGroups, isSelectedBy, isSelecting } from './endpoints-of.ts';
import { trafficPreference } from './hints.ts';
import { MANAGED_BY_LABEL, MANAGER, planSlices, SERVICE_NAME_LABEL, type SlicePlan } from './plan.ts';
import { capacityFacts, ZONE_LABEL, zoneShares } from './zone-capacity.ts';

/** Mirrors the pods of each Service, with their readiness, into EndpointSlices. */
export const endpointSliceController: ControllerDefinition = {
  name: CONTROLLER_NAMES.endpointSlice,
  concurrency: 8,
  build({ informers, client, events }) {
    const services = informers.informer(SERVICES);
    const pods = informers.informer(PODS);
    const nodes = informers.informer(NODES);
    const zoneOf = (name: string): string | undefined => nodes.lister.get(name)?.metadata.labels?.[ZONE_LABEL];
    // A pod whose node is gone will go, too; whoever asks for pods that are not ready gets it.
    const isOnNode = ({ spec }: Service, pod: Pod): boolean => spec?.publishNotReadyAddresses === true || nodes.lister.get(pod.spec?.nodeName ?? '') !== undefined;
    informers.addIndex(pods, 'node', (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    const servicesOn = (node: string): readonly string[] => (nodes.lister.get(node) ? pods.lister.byIndex('node', node).flatMap((pod) => servicesOfPod(services, pod, undefined)) : []);
    const slices = informers.informer(ENDPOINT_SLICES, { labelSelector: `${MANAGED_BY_LABEL}=${MANAGER}` });
    informers.addIndex(slices, 'service', ({ metadata }) => [joinKey(metadata.namespace, metadata.labels?.[SERVICE_NAME_LABEL] ?? '')]);
    const planOf = (service: Service): SlicePlan => planSlices({
      service,
      groups: endpointGroups(service, pods.lister.list(service.metadata.namespace).filter((pod) => isOnNode(service, pod)), zoneOf),
      present: slices.lister.byIndex('service', keyOf(service)),
      shares: trafficPreference(service) === 'by-capacity' ? zoneShares(nodes.lister.list()) : undefined,
      nameOf: (text) => generateName(`${service.metadata.name}-`, templateHash({ metadata: { annotations: { text } } })),
    });
    return {
      reconciler: {
        isDue(key) {
          const service = services.lister.get(key);
          return isSliced(service) && Object.values(planOf(service)).some((changes) => changes.length > 0);
        },
        async reconcile(key, { signal }) {
          const service = services.lister.get(key);
          if (!isSliced(service)) return {};
          const plan = planOf(service);
          await Promise.all([
            ...plan.create.map((slice) => client.create(ENDPOINT_SLICES, slice, { signal })),
            ...plan.update.map((slice) => client.update(ENDPOINT_SLICES, slice, { signal })),
          ]);
          // Last, so that an endpoint that moves is never missing.
          await Promise.all(plan.remove.map(({ metadata }) => client.delete(ENDPOINT_SLICES, metadata, { preconditions: { uid: metadata.uid }, signal }).catch(ignoreNotFound)));
          for (const event of plan.events) events.event(service, event);
          return {};
        },
      },
      triggers: [
        { informer: services, keysOf: (service) => [keyOf(service)] },
        { informer: pods, keysOf: (pod: Pod, old?: Pod) => servicesOfPod(services, pod, old) },
        { informer: nodes, keysOf: (node: Node, old?: Node) => [...servicesSharedOut(services, node, old), ...(old ? [] : servicesOn(node.metadata.name))] },
        { informer: slices, keysOf: ({ metadata }) => [joinKey(metadata.namespace, metadata.labels?.[SERVICE_NAME_LABEL] ?? '')] },
      ],
    };
  },
};

/** What a deleted Service leaves is the garbage collector's. */
const isSliced = (service: Service | undefined): service is Service => service !== undefined && isSelecting(service) && service.metadata.deletionTimestamp === undefined;

/** The Services whose traffic is shared out by the CPU of zones; none when a node's share is what it was. */
function servicesSharedOut(services: Informer<Service>, node: Node, old: Node | undefined): readonly string[] {
  if (old && capacityFacts(node) === capacityFacts(old)) return [];
  return services.lister.list().filter((service) => trafficPreference(service) === 'by-capacity').map(keyOf);
}

/** The Services that select the pod; none when nothing changed that an endpoint shows. */
export function servicesOfPod(services: Informer<Service>, pod: Pod, old: Pod | undefined): readonly string[] {
  if (old && facts(pod) === facts(old)) return [];
  return services.lister.list(pod.metadata.namespace).filter((service) => isSelectedBy(service, pod)).map(keyOf);
}

function facts({ metadata, spec, status }: Pod): string {
  const ready = status?.conditions?.find((c) => c.type === 'Ready')?.status;
  return JSON.stringify([metadata.labels, metadata.uid, metadata.deletionTimestamp !== undefined, spec?.nodeName, spec?.hostname, status?.phase, status?.podIPs, status?.podIP, ready]);
}
