import type { Endpoints, EndpointAddress, EndpointSubset, Service } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { canonicalJson } from '#api/json.ts';
import { generateName } from '#api/names.ts';
import { controllerReference } from '#api/owner-references.ts';
import { templateHash } from '#api/pods.ts';
import { ENDPOINTS } from '#api/resources.ts';
import type { New } from '#client/client.ts';

export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslicemirroring-controller.k8s.io';
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** Of no use in a copy: who changed what last. */
const LEFT_OUT: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'endpoints.kubernetes.io/last-change-trigger-time']);
/** Kubernetes' default. */
export const MAX_ADDRESSES = 1_000;

export interface MirrorPlan {
  readonly create: readonly New<EndpointSlice>[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  /** Addresses beyond the limit. */
  readonly skipped: number;
}

/** Endpoints that somebody keeps by hand for a Service without selector; those of selectors have slices of their own. */
export function isMirrored(endpoints: Endpoints | undefined, service: Service | undefined): endpoints is Endpoints {
  if (endpoints === undefined || endpoints.metadata.deletionTimestamp !== undefined || service === undefined) return false;
  const { labels, annotations } = endpoints.metadata;
  return labels?.[SKIP_LABEL] !== 'true' && annotations?.[LEADER_ANNOTATION] === undefined && service.spec.selector === undefined;
}

/** The slices that show what the Endpoints say: one for all that share ports and kind of address. */
export function planMirror(endpoints: Endpoints, present: readonly EndpointSlice[]): MirrorPlan {
  const { groups, skipped } = groupsOf(endpoints.subsets ?? []);
  const wanted = groups.filter((group) => group.endpoints.length > 0).map((group) => sliceOf(endpoints, group));
  const byName = new Map(present.map((slice) => [slice.metadata.name, slice]));
  const names = new Set(wanted.map((slice) => slice.metadata.name));
  return {
    create: wanted.filter((slice) => !byName.has(slice.metadata.name ?? '')),
    update: wanted.flatMap((slice) => {
      const old = byName.get(slice.metadata.name ?? '');
      return old && contentText(old) !== contentText(slice) ? [{ ...old, metadata: { ...old.metadata, labels: slice.metadata.labels, annotations: slice.metadata.annotations }, endpoints: slice.endpoints } as EndpointSlice] : [];
    }),
    remove: present.filter((slice) => !names.has(slice.metadata.name)),
    skipped,
  };
}

interface Group { readonly addressType: 'IPv4' | 'IPv6'; readonly ports: readonly EndpointPort[]; readonly endpoints: readonly Endpoint[] }

function groupsOf(subsets: readonly EndpointSubset[]): { readonly groups: readonly Group[]; readonly skipped: number } {
  const packs = packed(subsets);
  const groups = packs.flatMap(({ ports, endpoints }) => {
    const shown = endpoints.slice(0, MAX_ADDRESSES);
    return (['IPv4', 'IPv6'] as const).map((addressType) => ({ addressType, ports, endpoints: shown.filter(({ addresses: [address = ''] }) => ipFamilyOf(address) === addressType) }));
  });
  return { groups, skipped: packs.reduce((sum, { endpoints }) => sum + Math.max(0, endpoints.length - MAX_ADDRESSES), 0) };
}

type Pack = Omit<Group, 'addressType'>;
/** Of one port, or of none. */
interface Served { readonly ports: readonly EndpointPort[]; readonly endpoints: Map<string, Endpoint> }

/** Ports that the same addresses serve belong together, whichever subsets they stand in; an address that one of these calls unready for a port is unready. */
function packed(subsets: readonly EndpointSubset[]): readonly Pack[] {
  const packs = new Map<string, Pack>();
  for (const { ports, endpoints } of servedPorts(subsets)) {
    const key = canonicalJson(Object.fromEntries([...endpoints].map(([id, { conditions }]) => [id, conditions?.ready === true])));
    const pack = packs.get(key);
    packs.set(key, pack ? { ...pack, ports: [...pack.ports, ...ports] } : { ports, endpoints: [...endpoints.values()] });
  }
  return [...packs.values()];
}

function servedPorts(subsets: readonly EndpointSubset[]): readonly Served[] {
  const byPort = new Map<string, Served>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false))];
    for (const shown of ports.length === 0 ? [[]] : ports.map((port) => [portOf(port)])) {
      const key = canonicalJson(shown);
      const { endpoints } = byPort.get(key) ?? { endpoints: new Map<string, Endpoint>() };
      byPort.set(key, { ports: shown, endpoints });
      for (const endpoint of all) {
        const id = canonicalJson([endpoint.addresses, endpoint.targetRef?.uid ?? '']);
        if (endpoints.get(id)?.conditions?.ready !== false) endpoints.set(id, endpoint);
      }
    }
  }
  return [...byPort].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, served]) => served);
}

const portOf = ({ name = '', port, protocol = 'TCP', appProtocol }: NonNullable<EndpointSubset['ports']>[number]): EndpointPort => ({ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) });

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint =>
  ({ addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}) });

function sliceOf(owner: Endpoints, { addressType, ports, endpoints }: Group): New<EndpointSlice> {
  const { name, namespace, labels, annotations = {} } = owner.metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !LEFT_OUT.has(key)));
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: {
      namespace, name: generateName(`${name}-`, templateHash({ metadata: { annotations: { text: canonicalJson([addressType, ports]) } } })),
      labels: { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MANAGER }, ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
      ownerReferences: [controllerReference(owner, ENDPOINTS)],
    },
    addressType, ports, endpoints,
  };
}

const contentText = (slice: Pick<New<EndpointSlice>, 'metadata' | 'endpoints'>): string => canonicalJson([slice.metadata.labels ?? {}, slice.metadata.annotations ?? {}, slice.endpoints ?? []]);
