import { age, few, joined, labelsText, NONE, orNone, printer, since, UNKNOWN, UNSET } from './format.ts';
import type * as core from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { Event as EventV1 } from '#api/generated/events/v1.ts';
import type { KubeObject } from '#api/object.ts';

const ACCESS_MODES: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };
const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** Always in this order, whatever the object's. */
const accessModes = (modes: readonly string[] = []): string => Object.entries(ACCESS_MODES).flatMap(([mode, short]) => (modes.includes(mode) ? [short] : [])).join(',');
/** The annotation is older than the field, and counts before it. */
const storageClass = (o: core.PersistentVolume | core.PersistentVolumeClaim): string => o.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? o.spec?.storageClassName ?? '';
const count = (record: object | undefined): number => Object.keys(record ?? {}).length;

export const servicePrinter = printer<core.Service>('Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*', (service, now) => [
  service.metadata.name, service.spec?.type ?? '', orNone(service.spec?.clusterIPs?.[0] ?? service.spec?.clusterIP), externalAddress(service), servicePorts(service), age(service, now), labelsText(service.spec?.selector),
]);

function externalAddress(service: core.Service): string {
  const { type, externalIPs = [], externalName } = service.spec ?? {};
  if (type === 'ExternalName') return orNone(externalName);
  if (type !== 'LoadBalancer') return joined(externalIPs);
  return [...loadBalancerPoints(service.status?.loadBalancer?.ingress), ...externalIPs].join(',') || '<pending>';
}

const servicePorts = (service: core.Service): string =>
  joined((service.spec?.ports ?? []).map((port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`));

type LoadBalancerPoints = readonly { readonly ip?: string | undefined; readonly hostname?: string | undefined }[] | undefined;
/** In the order of their letters, each once. */
const loadBalancerPoints = (points: LoadBalancerPoints): readonly string[] => [...new Set((points ?? []).map((point) => point.ip || point.hostname || ''))].filter((point) => point !== '').toSorted();
export const loadBalancerText = (points: LoadBalancerPoints): string => loadBalancerPoints(points).join(',');

export const nodePrinter = printer<core.Node>('Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*', (node, now) => {
  const info = node.status?.nodeInfo;
  const address = (type: string): string => orNone(node.status?.addresses?.find((a) => a.type === type)?.address);
  return [
    node.metadata.name, nodeStatus(node), nodeRoles(node), age(node, now), info?.kubeletVersion ?? '', address('InternalIP'), address('ExternalIP'),
    info?.osImage || UNKNOWN, `${info?.kernelVersion || UNKNOWN}${info?.architecture ? ` (${info.architecture})` : ''}`, info?.containerRuntimeVersion || UNKNOWN,
  ];
});

function nodeStatus(node: core.Node): string {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready');
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(node: core.Node): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => (key.startsWith(ROLE_PREFIX) ? [key.slice(ROLE_PREFIX.length)] : key === 'kubernetes.io/role' ? [value] : []));
  return joined([...new Set(roles.filter((role) => role !== ''))].sort());
}

const EVENT = 'Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*';
export const eventPrinter = printer<core.Event>(EVENT, (event, now) => eventCells(event, now));
export const eventV1Printer = printer<EventV1>(EVENT, (event, now) => eventCells({
  ...event, involvedObject: event.regarding ?? {}, source: event.deprecatedSource, reportingComponent: event.reportingController, message: event.note,
  firstTimestamp: event.deprecatedFirstTimestamp, lastTimestamp: event.deprecatedLastTimestamp, count: event.deprecatedCount,
}, now));

function eventCells(event: core.Event, now: number): readonly unknown[] {
  const at = (time: string | undefined): string => since(time ?? event.eventTime, now);
  const object = event.involvedObject;
  const last = event.series === undefined ? at(event.lastTimestamp ?? event.firstTimestamp) : since(event.series.lastObservedTime, now);
  const host = event.source?.host || event.reportingInstance;
  const source = `${event.source?.component || event.reportingComponent || ''}${host ? `, ${host}` : ''}`;
  return [
    last, event.type ?? '', event.reason ?? '', `${object?.kind?.toLowerCase() ?? ''}${object?.name ? `/${object.name}` : ''}`, object?.fieldPath ?? '', source,
    (event.message ?? '').trim(), at(event.firstTimestamp), event.series?.count ?? (event.count || 1), event.metadata.name,
  ];
}

export const componentPrinter = printer<core.ComponentStatus & KubeObject>('Name|Status|Message|Error', (o) => {
  const health = o.conditions?.find((c) => c.type === 'Healthy');
  return [o.metadata.name, health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy', health?.message ?? '', health?.error ?? ''];
});
export const namespacePrinter = printer<core.Namespace>('Name|Status|Age', (o, now) => [o.metadata.name, o.status?.phase ?? '', age(o, now)]);
export const secretPrinter = printer<core.Secret>('Name|Type|Data|Age', (o, now) => [o.metadata.name, o.type ?? '', count(o.data), age(o, now)]);
export const configMapPrinter = printer<core.ConfigMap>('Name|Data|Age', (o, now) => [o.metadata.name, count(o.data) + count(o.binaryData), age(o, now)]);
export const serviceAccountPrinter = printer<core.ServiceAccount>('Name|Age', (o, now) => [o.metadata.name, age(o, now)]);

export const volumePrinter = printer<core.PersistentVolume>('Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|VolumeMode*', (o, now) => {
  const { spec, status, metadata } = o;
  const claim = spec?.claimRef;
  return [
    metadata.name, String(spec?.capacity?.['storage'] ?? '0'), accessModes(spec?.accessModes), spec?.persistentVolumeReclaimPolicy ?? '', metadata.deletionTimestamp ? 'Terminating' : status?.phase ?? '',
    claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '', storageClass(o), spec?.volumeAttributesClassName ?? UNSET, status?.reason ?? '', age(o, now), spec?.volumeMode ?? UNSET,
  ];
});

export const claimPrinter = printer<core.PersistentVolumeClaim>('Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode*', (o, now) => {
  const { spec, status, metadata } = o;
  const bound = spec?.volumeName ? status : undefined;
  return [
    metadata.name, metadata.deletionTimestamp ? 'Terminating' : status?.phase ?? '', spec?.volumeName ?? '', spec?.volumeName ? String(bound?.capacity?.['storage'] ?? '0') : '', accessModes(bound?.accessModes),
    storageClass(o), spec?.volumeAttributesClassName ?? UNSET, age(o, now), spec?.volumeMode ?? UNSET,
  ];
});

export const endpointsPrinter = printer<core.Endpoints>('Name|Endpoints|Age', (o, now) => [o.metadata.name, o.subsets?.length ? few(o.subsets.flatMap(endpointsOf), (more) => ` + ${more} more...`) : NONE, age(o, now)]);

/** A headless Service may have no ports. */
function endpointsOf({ addresses = [], ports }: core.EndpointSubset): readonly string[] {
  const ips = addresses.map(({ ip }) => ip);
  return ports?.length ? ports.flatMap(({ port }) => ips.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`)) : ips;
}

export const endpointSlicePrinter = printer<EndpointSlice>('Name|AddressType|Ports|Endpoints|Age', (o, now) => {
  const ports = (o.ports ?? []).map((port) => String(port.port ?? port.name ?? '*'));
  const addresses = (o.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
  return [o.metadata.name, o.addressType, few(ports, (more) => ` + ${more} more...`) || UNSET, few(addresses, (more) => ` + ${more} more...`) || UNSET, age(o, now)];
});

export const resourceQuotaPrinter = printer<core.ResourceQuota>('Name|Request|Limit|Age', (o, now) => {
  const hard = Object.entries(o.status?.hard ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = (isLimit: boolean): string => hard.filter(([name]) => name.startsWith('limits.') === isLimit).map(([name, amount]) => `${name}: ${o.status?.used?.[name] ?? 0}/${amount}`).join(', ');
  return [o.metadata.name, texts(false), texts(true), age(o, now)];
});

/** Kinds that have no printer of their own. */
export const plainPrinter = {
  columns: [
    { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
    { name: 'Created At', type: 'date', format: '', description: '', priority: 0 },
  ],
  cells: (object: KubeObject): readonly unknown[] => [object.metadata.name, object.metadata.creationTimestamp ?? null],
};
