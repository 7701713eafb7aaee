import type { IPAddress, ParentReference } from '#api/generated/networking/v1.ts';
import type { Service } from '#api/generated/core/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource } from '#api/resource-type.ts';
import { IP_ADDRESSES } from '#api/resources.ts';
import type { ObjectKey } from '#store/object-store.ts';

export type AnyService = Service & KubeObject;

/** One address or port that a Service holds: a key of the store, so that no two Services can ever write the same. */
export interface Allocation {
  readonly resource: GroupResource;
  readonly name: string;
}

/** An IPAddress, or its like for node ports, which is not served. */
export type Claim = Omit<IPAddress, 'spec'> & KubeObject & { readonly spec: { readonly parentRef?: ParentReference } };

const ADDRESSES = groupResource(IP_ADDRESSES);
/** Kubernetes keeps node ports in a bitmap of its own, outside of the API; here each is a key. */
const NODE_PORTS = 'nodeports.headway.dev';
const MANAGER = 'ipallocator.k8s.io';

export const addressAllocation = (address: string): Allocation => ({ resource: ADDRESSES, name: address });
export const portAllocation = (port: number): Allocation => ({ resource: NODE_PORTS, name: String(port) });
export const allocationKey = ({ resource, name }: Allocation): ObjectKey => ({ resource, namespace: '', name });
export const allocationId = ({ resource, name }: Allocation): string => `${resource}/${name}`;

/** All that the Service holds, each once: two protocols may share a node port. */
export function allocationsOf({ spec }: AnyService): readonly Allocation[] {
  const addresses = (spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : [])).filter((ip) => ip !== 'None' && ip !== '');
  return [...addresses.map(addressAllocation), ...portNumbers({ spec }).map(portAllocation)];
}

export const mayHaveNodePorts = ({ spec }: Pick<AnyService, 'spec'>): boolean => spec?.type === 'NodePort' || spec?.type === 'LoadBalancer';

/** A name outside of the cluster may say ports of nodes too, and holds none. */
export function portNumbers({ spec }: Pick<AnyService, 'spec'>): readonly number[] {
  if (!mayHaveNodePorts({ spec })) return [];
  const ports = [...(spec?.ports ?? []).map((port) => port.nodePort ?? 0), spec?.healthCheckNodePort ?? 0];
  return [...new Set(ports.filter((port) => port !== 0))];
}

/** The object under the key of an allocation. */
export function claimFor({ resource, name }: Allocation, service: AnyService, identity: { readonly uid: string; readonly now: string }): Claim {
  const isAddress = resource === ADDRESSES;
  const labels = isAddress ? { 'ipaddress.kubernetes.io/ip-family': ipFamilyOf(name) ?? '', 'ipaddress.kubernetes.io/managed-by': MANAGER } : undefined;
  return {
    apiVersion: isAddress ? 'networking.k8s.io/v1' : 'headway.dev/v1', kind: isAddress ? 'IPAddress' : 'NodePort',
    metadata: { name, uid: identity.uid, creationTimestamp: identity.now, ...(labels ? { labels } : {}) },
    spec: { parentRef: { resource: 'services', namespace: service.metadata.namespace ?? '', name: service.metadata.name } },
  };
}

/** `namespace/name` of the Service that a claim names; undefined when it names something else. */
export function ownerOf(claim: Claim): string | undefined {
  const { group = '', resource, namespace = '', name } = claim.spec?.parentRef ?? { resource: '', name: '' };
  return group === '' && resource === 'services' ? `${namespace}/${name}` : undefined;
}
export const serviceKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
