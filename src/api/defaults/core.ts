import { inBothForms } from './both-forms.ts';
import { chain, type Default, each, fill, filling, forEach, inside, memberOf, within } from './fill.ts';
import { PROTOCOL } from './pod.ts';
import { roundedIn, roundedUp } from './resource-lists.ts';
import { volumeSourceDefaults } from './volume.ts';
import type { JsonObject } from '#api/json.ts';

const AFFINITY_SECONDS = 10_800;
const NAME_LABEL = 'kubernetes.io/metadata.name';

export const serviceDefaults: Default = (service) => within(within(fill(service, { spec: {} }), 'spec', serviceSpec), 'status', (status) =>
  memberOf(service, 'spec')['type'] === 'LoadBalancer'
    ? within(status, 'loadBalancer', forEach('ingress', (point) => (point['ip'] ? fill(point, { ipMode: 'VIP' }) : point)))
    : status);

function serviceSpec(spec: JsonObject): JsonObject {
  let result = sessionAffinity(fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' }));
  result = each(result, 'ports', servicePort);
  const type = result['type'];
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && Array.isArray(result['externalIPs']) && result['externalIPs'].length > 0);
  if (isOutside) result = fill(result, { externalTrafficPolicy: 'Cluster' });
  if (type !== 'ExternalName') result = fill(result, { internalTrafficPolicy: 'Cluster' });
  return type === 'LoadBalancer' ? fill(result, { allocateLoadBalancerNodePorts: true }) : result;
}

const servicePort: Default = (port) => {
  const result = PROTOCOL(port);
  const target = result['targetPort'];
  return target === undefined || target === 0 || target === '' ? { ...result, targetPort: result['port'] } : result;
};

function sessionAffinity(spec: JsonObject): JsonObject {
  if (spec['sessionAffinity'] === 'None' && spec['sessionAffinityConfig'] !== undefined) {
    const { sessionAffinityConfig: _, ...rest } = spec;
    return rest;
  }
  const timeout = memberOf(memberOf(spec, 'sessionAffinityConfig'), 'clientIP')['timeoutSeconds'];
  if (spec['sessionAffinity'] !== 'ClientIP' || timeout !== undefined) return spec;
  return { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } } };
}

/** `stringData` is for writers: it ends in `data`, encoded. */
export const secretDefaults: Default = (secret) => {
  const typed = fill(secret, { type: 'Opaque' });
  if (typed['stringData'] === undefined) return typed;
  const { stringData, ...rest } = typed;
  const encoded = Object.entries(stringData as Readonly<Record<string, string>>).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { ...rest, data: { ...memberOf(secret, 'data'), ...Object.fromEntries(encoded) as JsonObject } };
};

export const namespaceDefaults: Default = (namespace) => {
  const metadata = memberOf(namespace, 'metadata');
  const name = metadata['name'];
  const labels = memberOf(metadata, 'labels');
  const labelled = name && labels[NAME_LABEL] !== name ? { ...namespace, metadata: { ...metadata, labels: { ...labels, [NAME_LABEL]: name } } } : namespace;
  return within(fill(labelled, { status: {} }), 'status', filling({ phase: 'Active' }));
};

export const nodeDefaults = chain(
  inside('spec', inBothForms('podCIDR', 'podCIDRs', { read: (range) => range, write: (range) => range })),
  inside('status', chain(roundedIn('capacity', 'allocatable'), (status) => (status['capacity'] === undefined ? status : fill(status, { allocatable: status['capacity'] })))));

export const endpointsDefaults = forEach('subsets', forEach('ports', PROTOCOL));

export const persistentVolumeDefaults = chain(
  inside('spec', chain(filling({ persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }), inside('capacity', roundedUp), volumeSourceDefaults)),
  filling({ status: {} }), inside('status', filling({ phase: 'Pending' })));

export const resourceQuotaDefaults = chain(inside('spec', roundedIn('hard')), inside('status', roundedIn('hard', 'used')));

const LIMITS = roundedIn('max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio');
export const limitRangeDefaults = inside('spec', forEach('limits', (given) => {
  const limit = LIMITS(given);
  if (limit['type'] !== 'Container') return limit;
  const limits = { ...memberOf(limit, 'max'), ...memberOf(limit, 'default') };
  const requests = { ...memberOf(limit, 'min'), ...limits, ...memberOf(limit, 'defaultRequest') };
  return withMembers(withMembers(limit, 'default', limits), 'defaultRequest', requests);
}));

/** `members` holds all that the member has, and perhaps more. */
const withMembers = (object: JsonObject, name: string, members: JsonObject): JsonObject =>
  (Object.keys(members).length === Object.keys(memberOf(object, name)).length ? object : { ...object, [name]: members });
