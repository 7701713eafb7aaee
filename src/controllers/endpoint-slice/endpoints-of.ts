import type { Pod, Service, ServicePort } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointPort } from '#api/generated/discovery/v1.ts';
import { isPodReady, isPodTerminal } from '#api/pods.ts';
import { labelsPredicate } from '#api/selectors/labels.ts';

export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints that share their ports: a named target port may have another number in each pod. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** Whether endpoints of the Service follow from its selector. */
export const isSelecting = (service: Service): boolean => service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0;
export const isSelectedBy = (service: Service, pod: Pod): boolean => isSelecting(service) && labelsPredicate(service.spec?.selector)(pod.metadata.labels);

const HEADLESS = 'service.kubernetes.io/headless';

/** What is made for a Service has its labels, and one more that says whether it has no address, whatever the Service says of that. */
export function labelsOfService({ metadata, spec }: Service): Readonly<Record<string, string>> {
  const { [HEADLESS]: _, ...labels } = metadata.labels ?? {};
  return spec?.clusterIP === 'None' ? { ...labels, [HEADLESS]: '' } : labels;
}

/** The zone of a node; undefined for one that is in none, or not known. */
export type ZoneOf = (nodeName: string) => string | undefined;
const NOWHERE: ZoneOf = () => undefined;

export function endpointGroups(service: Service, pods: readonly Pod[], zoneOf = NOWHERE): readonly EndpointGroup[] {
  const members = pods.filter((pod) => isSelectedBy(service, pod) && !isPodTerminal(pod));
  return addressTypes(service).flatMap((addressType) => {
    const found = members.flatMap((pod) => {
      const address = addressOf(pod, addressType);
      return address ? [{ ports: portsOf(service, pod), endpoint: endpointOf(service, pod, address, zoneOf) }] : [];
    });
    const groups = [...Map.groupBy(found, ({ ports }) => JSON.stringify(ports)).values()];
    // A Service without pods still has a slice, which says so.
    if (groups.length === 0) return [{ addressType, ports: [], endpoints: [] }];
    return groups.map((group) => ({ addressType, ports: group[0]?.ports ?? [], endpoints: group.map(({ endpoint }) => endpoint) }));
  });
}

function addressTypes(service: Service): readonly AddressType[] {
  const families = service.spec?.ipFamilies;
  return families && families.length > 0 ? families.map((f) => (f === 'IPv6' ? 'IPv6' : 'IPv4')) : ['IPv4'];
}

function addressOf(pod: Pod, type: AddressType): string | undefined {
  const ips = pod.status?.podIPs?.map((i) => i.ip) ?? (pod.status?.podIP ? [pod.status.podIP] : []);
  return ips.find((ip) => ip !== '' && ip.includes(':') === (type === 'IPv6'));
}

export function endpointOf(service: Service, pod: Pod, address: string, zoneOf = NOWHERE): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isPodReady(pod);
  const { hostname, subdomain, nodeName } = pod.spec ?? {};
  const zone = nodeName && zoneOf(nodeName);
  return {
    addresses: [address],
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}), ...(zone ? { zone } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

/** The Service's ports as this pod has them; a named port that the pod lacks is left out. */
export function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}) }];
  });
}

function targetPort(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')];
  return containers.flatMap((c) => c.ports ?? []).find((p) => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.containerPort;
}
