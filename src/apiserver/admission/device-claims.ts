import type { AllocationResult, DeviceRequest, ResourceClaim, ResourceClaimStatus, ResourceClaimTemplate } from '#api/generated/resource/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { type GroupResource, groupResource } from '#api/resource-type.ts';
import { invalid } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { Problems } from '#api/validation/problems.ts';
import { type Attributes, refusal } from '../authz/authorizer.ts';
import type { Environment } from '../environment.ts';
import { isEqual } from '../storage/equality.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const CLAIMS: GroupResource = 'resourceclaims.resource.k8s.io';
const TEMPLATES: GroupResource = 'resourceclaimtemplates.resource.k8s.io';
const ADMIN_LABEL = 'resource.kubernetes.io/admin-access';
const NODE_EXTRA = 'authentication.kubernetes.io/node-name';

/** Who may have devices that others use, who may give devices away, and who may tell how they do: rights that stand beside those of the object. */
export const DEVICE_CLAIMS: AdmissionPlugin = {
  name: 'DeviceClaims',
  handles({ operation, resource, subresource }) {
    if (resource.group !== 'resource.k8s.io') return false;
    const name = groupResource(resource);
    return (operation === 'CREATE' && subresource === '' && (name === CLAIMS || name === TEMPLATES)) || (operation === 'UPDATE' && subresource === 'status' && name === CLAIMS);
  },
  validate(request, env) {
    const causes = request.operation === 'CREATE' ? problemsOfSpec(request, env) : problemsOfStatus(request, env);
    if (causes.length > 0) throw invalid(request.resource, request.name, causes);
  },
};

function problemsOfSpec(request: AdmissionRequest, env: Environment): readonly StatusCause[] {
  const problems = new Problems();
  const isClaim = groupResource(request.resource) === CLAIMS;
  const spec = isClaim ? (request.object as ResourceClaim & KubeObject).spec : (request.object as ResourceClaimTemplate & KubeObject).spec?.spec;
  const index = (spec?.devices?.requests ?? []).findIndex(({ exactly }: DeviceRequest) => exactly?.adminAccess === true);
  if (index >= 0) requireAdminLabel(problems, `spec.devices.requests[${index}].adminAccess`, request, env);
  return problems.causes;
}

function problemsOfStatus(request: AdmissionRequest, env: Environment): readonly StatusCause[] {
  const problems = new Problems();
  const [now, old] = [request.object, request.live].map((claim) => (claim as ResourceClaim & KubeObject).status ?? {}) as [ResourceClaimStatus, ResourceClaimStatus];
  const admin = adminResult(now.allocation);
  if (admin >= 0 && adminResult(old.allocation) < 0) requireAdminLabel(problems, `status.allocation.devices.results[${admin}].adminAccess`, request, env);
  checkBinding(problems, request, env, [now, old]);
  checkDevices(problems, request, env, [now, old]);
  return problems.causes;
}

const adminResult = (allocation: AllocationResult | undefined): number => (allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess === true);

/** Such access is for namespaces that an administrator has marked. */
function requireAdminLabel(problems: Problems, field: string, { namespace, context }: AdmissionRequest, { cache }: Environment): void {
  const found = context.newNamespaces?.get(namespace) ?? cache.get('namespaces', '', namespace)?.object;
  if (found?.metadata.labels?.[ADMIN_LABEL] !== 'true') problems.forbidden(field, `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`);
}

type Statuses = readonly [now: ResourceClaimStatus, old: ResourceClaimStatus];

const verbOf = ({ context }: AdmissionRequest): string => (context.isPatch ? 'patch' : 'update');

/** To give devices, or to reserve them for a pod, is the scheduler's. */
function checkBinding(problems: Problems, request: AdmissionRequest, env: Environment, [now, old]: Statuses): void {
  if (isEqual([now.allocation ?? null, now.reservedFor ?? []], [old.allocation ?? null, old.reservedFor ?? []])) return;
  const verb = verbOf(request);
  const why = refusalOf(env, request, { verb, subresource: 'binding', namespace: '', name: '' });
  if (why !== undefined) problems.forbidden('status', `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: ${why}`);
}

/** What a device tells of itself comes from its driver: the one that runs on the device's node, or one for all nodes. */
function checkDevices(problems: Problems, request: AdmissionRequest, env: Environment, [now, old]: Statuses): void {
  const drivers = changedDrivers(now, old);
  if (drivers.length === 0) return;
  const verb = verbOf(request);
  const verbs = [...(isOnNode(request.context.user, nodeOf(now.allocation)) ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`];
  for (const driver of drivers) {
    const refusals = verbs.map((each) => refusalOf(env, request, { verb: each, subresource: 'driver', namespace: request.namespace, name: driver }));
    if (refusals.every((why) => why !== undefined)) problems.forbidden('status.devices', `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${refusals[0]}`);
  }
}

function changedDrivers({ devices = [] }: ResourceClaimStatus, { devices: old = [] }: ResourceClaimStatus): readonly string[] {
  const keyOf = ({ driver, pool, device, shareID = '' }: (typeof devices)[number]): string => [driver, pool, device, shareID].join('/');
  const isIn = (list: typeof devices, wanted: (typeof devices)[number]): boolean => list.some((device) => keyOf(device) === keyOf(wanted) && isEqual(device, wanted));
  const changed = [...devices.filter((device) => !isIn(old, device)), ...old.filter((device) => !isIn(devices, device))];
  return [...new Set(changed.map(({ driver }) => driver))].toSorted();
}

/** The node whose devices were given; undefined when they are on no node in particular. */
function nodeOf(allocation: AllocationResult | undefined): string | undefined {
  const [term, ...others] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  const [field, ...more] = term?.matchFields ?? [];
  const isOne = others.length === 0 && more.length === 0 && (term?.matchExpressions ?? []).length === 0 && field?.key === 'metadata.name' && field.operator === 'In' && field.values?.length === 1;
  return isOne ? field.values?.[0] : undefined;
}

/** A service account's token says on which node its pod runs. */
function isOnNode({ name, extra }: UserInfo, node: string | undefined): boolean {
  const nodes = extra?.[NODE_EXTRA] ?? [];
  return node !== undefined && name.startsWith('system:serviceaccount:') && nodes.length === 1 && nodes[0] === node;
}

/** Why the writer has no such right; undefined when there is one. */
function refusalOf(env: Environment, { resource, context }: AdmissionRequest, right: Pick<Attributes, 'verb' | 'subresource' | 'namespace' | 'name'>): string | undefined {
  const asked: Attributes = { ...right, user: context.user, isResource: true, group: resource.group, resource: resource.plural, path: '' };
  const { isAllowed, reason } = env.authorizer.authorize(asked);
  return isAllowed ? undefined : refusal(asked, reason).message;
}
