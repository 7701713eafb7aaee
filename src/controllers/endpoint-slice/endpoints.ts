import type { Endpoints, EndpointAddress, EndpointSubset, Pod, Service } from '#api/generated/core/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { keyOf, splitKey } from '#api/object.ts';
import { ENDPOINTS, PODS, SERVICES } from '#api/resources.ts';
import type { New } from '#client/client.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { endpointGroups, isSelecting, labelsOfService } from './endpoints-of.ts';
import { servicesOfPod } from './reconciler.ts';

const MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
/** Kubernetes' own: all of them are written with each change of one, and whoever needs more reads the slices. */
const MAX_ADDRESSES = 1_000;

/** Keeps the older Endpoints object of each Service, which clients still read. */
export const endpointsController: ControllerDefinition = {
  name: CONTROLLER_NAMES.endpoints,
  concurrency: 8,
  build({ informers, client }) {
    const services = informers.informer(SERVICES);
    const pods = informers.informer(PODS);
    const endpoints = informers.informer(ENDPOINTS);
    const planOf = (key: string): EndpointsPlan => planEndpoints(services.lister.get(key), () => pods.lister.list(splitKey(key).namespace), endpoints.lister.get(key));
    return {
      reconciler: {
        isDue: (key) => Object.keys(planOf(key)).length > 0,
        async reconcile(key, { signal }) {
          const { create, update, remove } = planOf(key);
          if (create) await client.create(ENDPOINTS, create, { signal });
          if (update) await client.update(ENDPOINTS, update, { signal });
          if (remove) await client.delete(ENDPOINTS, remove.metadata, { preconditions: { uid: remove.metadata.uid }, signal }).catch(ignoreNotFound);
          return {};
        },
      },
      triggers: [
        { informer: services, keysOf: (service) => [keyOf(service)] },
        { informer: pods, keysOf: (pod: Pod, old?: Pod) => servicesOfPod(services, pod, old) },
        { informer: endpoints, keysOf: (object) => [keyOf(object)] },
      ],
    };
  },
};

/** At most one of them. */
interface EndpointsPlan {
  readonly create?: New<Endpoints>;
  readonly update?: Endpoints;
  readonly remove?: Endpoints;
}

/** What is left of a Service that is gone goes where it was ours; one without selector has Endpoints that somebody keeps by hand. */
function planEndpoints(service: Service | undefined, pods: () => readonly Pod[], present: Endpoints | undefined): EndpointsPlan {
  if (!service) return present?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === undefined ? {} : { remove: present };
  if (!isSelecting(service)) return {};
  const wanted = endpointsOf(service, pods());
  if (!present) return { create: wanted };
  if (contentText(present) === contentText(wanted)) return {};
  return { update: { ...present, metadata: { ...present.metadata, labels: wanted.metadata.labels, annotations: annotationsOf(present, wanted) }, subsets: wanted.subsets } };
}

/** Those that others have set stay. */
function annotationsOf(present: Endpoints, wanted: New<Endpoints>): Readonly<Record<string, string>> | undefined {
  const { [OVER_CAPACITY]: _, ...others } = present.metadata.annotations ?? {};
  const annotations = { ...others, ...wanted.metadata.annotations };
  return Object.keys(annotations).length > 0 ? annotations : undefined;
}

const contentText = ({ metadata, subsets }: Pick<New<Endpoints>, 'metadata' | 'subsets'>): string => canonicalJson([metadata.labels ?? {}, metadata.annotations?.[OVER_CAPACITY] ?? '', subsets ?? []]);

/** One subset for each set of ports, of the Service's first address family; pods that go away are in none, and of many pods the ready ones come first. */
export function endpointsOf(service: Service, pods: readonly Pod[]): New<Endpoints> {
  const all = subsetsOf(service, pods);
  const subsets = truncated(all);
  return {
    apiVersion: 'v1', kind: 'Endpoints',
    metadata: {
      namespace: service.metadata.namespace, name: service.metadata.name, labels: { ...labelsOfService(service), ...MANAGED_BY },
      ...(subsets === all ? {} : { annotations: { [OVER_CAPACITY]: 'truncated' } }),
    },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
}

function truncated(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const count = subsets.reduce((sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length, 0);
  if (count <= MAX_ADDRESSES) return subsets;
  let room = MAX_ADDRESSES;
  const take = (addresses: readonly EndpointAddress[] = []): readonly EndpointAddress[] => {
    const taken = addresses.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const ready = subsets.map(({ addresses }) => take(addresses));
  const notReady = subsets.map(({ notReadyAddresses }) => take(notReadyAddresses));
  return subsets.map((subset, i) => ({ ports: subset.ports, ...(ready[i]?.length ? { addresses: ready[i] } : {}), ...(notReady[i]?.length ? { notReadyAddresses: notReady[i] } : {}) }))
    .filter(({ addresses, notReadyAddresses }) => addresses !== undefined || notReadyAddresses !== undefined) as readonly EndpointSubset[];
}

function subsetsOf(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const first = service.spec?.ipFamilies?.[0] === 'IPv6' ? 'IPv6' : 'IPv4';
  return endpointGroups(service, pods).filter((g) => g.addressType === first).flatMap(({ ports, endpoints }): readonly EndpointSubset[] => {
    const staying = endpoints.filter((e) => e.conditions?.terminating !== true || service.spec?.publishNotReadyAddresses);
    const addresses = (isReady: boolean): readonly EndpointAddress[] =>
      staying.filter((e) => (e.conditions?.ready === true) === isReady).map((e) => ({ ip: e.addresses[0] ?? '', ...(e.hostname ? { hostname: e.hostname } : {}), ...(e.nodeName ? { nodeName: e.nodeName } : {}), ...(e.targetRef ? { targetRef: e.targetRef } : {}) })).toSorted((a, b) => a.ip.localeCompare(b.ip));
    if (staying.length === 0) return [];
    const ready = addresses(true);
    const notReady = addresses(false);
    return [{
      ...(ready.length > 0 ? { addresses: ready } : {}), ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ports: ports.map(({ name, port, protocol, appProtocol }) => ({ ...(name ? { name } : {}), port: port ?? 0, ...(protocol ? { protocol: protocol as 'TCP' } : {}), ...(appProtocol ? { appProtocol } : {}) })),
    }];
  });
}
