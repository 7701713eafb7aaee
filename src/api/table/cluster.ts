import type { APIService } from '#api/generated/apiregistration/v1.ts';
import { loadBalancerText } from './core.ts';
import { age, few, humanDuration, isTrue, joined, NONE, orNone, printer, selectorText, UNSET } from './format.ts';
import type * as admission from '#api/generated/admissionregistration/v1.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { Lease } from '#api/generated/coordination/v1.ts';
import type * as flowcontrol from '#api/generated/flowcontrol/v1.ts';
import type * as networking from '#api/generated/networking/v1.ts';
import type { RuntimeClass } from '#api/generated/node/v1.ts';
import type { ClusterRoleBinding, RoleBinding } from '#api/generated/rbac/v1.ts';
import type { ResourceClaim, ResourceSlice } from '#api/generated/resource/v1.ts';
import type { PriorityClass } from '#api/generated/scheduling/v1.ts';
import type * as storage from '#api/generated/storage/v1.ts';
import type { Application, ApplicationSet, Project, Repository, Sync } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';

const MAX_HOSTS = 3;
const HTTPS_PORTS = '80, 443';

export const ingressPrinter = printer<networking.Ingress>('Name|Class|Hosts|Address|Ports|Age', (o, now) => [
  o.metadata.name, o.spec?.ingressClassName ?? NONE, hostsText(o.spec?.rules ?? []),
  loadBalancerText(o.status?.loadBalancer?.ingress), (o.spec?.tls ?? []).length > 0 ? HTTPS_PORTS : '80', age(o, now),
]);

/** The first hosts; how many rules there are beyond is said when they are as many as are shown. */
function hostsText(rules: readonly networking.IngressRule[]): string {
  const hosts = rules.flatMap((rule, at) => (rule.host ? [{ host: rule.host, at }] : [])).slice(0, MAX_HOSTS);
  const last = hosts[MAX_HOSTS - 1];
  const isMore = last !== undefined && last.at < rules.length - 1;
  return hosts.length === 0 ? '*' : `${hosts.map(({ host }) => host).join(',')}${isMore ? ` + ${rules.length - MAX_HOSTS} more...` : ''}`;
}

export const ingressClassPrinter = printer<networking.IngressClass>('Name|Controller|Parameters|Age', (o, now) => {
  const parameters = o.spec?.parameters;
  const text = parameters === undefined ? NONE : `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}`;
  return [orDefault(o, 'ingressclass.kubernetes.io/is-default-class'), o.spec?.controller ?? '', text, age(o, now)];
});
export const networkPolicyPrinter = printer<networking.NetworkPolicy>('Name|Pod-Selector|Age', (o, now) => [o.metadata.name, selectorText(o.spec?.podSelector), age(o, now)]);
export const ipAddressPrinter = printer<networking.IPAddress>('Name|ParentRef', (o) => {
  const parent = o.spec?.parentRef;
  const resource = [parent?.resource, parent?.group].filter(Boolean).join('.').toLowerCase();
  return [o.metadata.name, parent === undefined ? NONE : [resource, ...(parent.namespace ? [parent.namespace] : []), parent.name].join('/')];
});
export const serviceCidrPrinter = printer<networking.ServiceCIDR>('Name|CIDRs|Age', (o, now) => [o.metadata.name, (o.spec?.cidrs ?? []).join(','), age(o, now)]);

export const roleBindingPrinter = printer<RoleBinding | ClusterRoleBinding>('Name|Role|Age|Users*|Groups*|ServiceAccounts*', (o, now) => {
  const named = (kind: string): string => (o.subjects ?? []).filter((s) => s.kind === kind).map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name)).join(', ');
  return [o.metadata.name, `${o.roleRef?.kind}/${o.roleRef?.name}`, age(o, now), named('User'), named('Group'), named('ServiceAccount')];
});

export const signingRequestPrinter = printer<CertificateSigningRequest>('Name|Age|SignerName|Requestor|RequestedDuration|Condition', (o, now) => {
  const types = (o.status?.conditions ?? []).map((c) => c.type);
  const verdicts = ['Denied', 'Approved'].filter((type) => types.includes(type)).slice(0, 1);
  const states = [...(verdicts.length > 0 ? verdicts : ['Pending']), ...(types.includes('Failed') ? ['Failed'] : []), ...(o.status?.certificate ? ['Issued'] : [])];
  const seconds = o.spec?.expirationSeconds;
  return [o.metadata.name, age(o, now), orNone(o.spec?.signerName), o.spec?.username ?? '', seconds === undefined ? NONE : humanDuration(seconds * 1000), states.join(',')];
});

export const apiServicePrinter = printer<APIService>('Name|Service|Available|Age', (o, now) => {
  const { namespace = '', name = '' } = o.spec?.service ?? {};
  const available = o.status?.conditions?.find((c) => c.type === 'Available');
  const state = available === undefined || available.status === 'True' ? (available?.status ?? 'Unknown') : `${available.status} (${available.reason ?? ''})`;
  return [o.metadata.name, o.spec?.service ? `${namespace}/${name}` : 'Local', state, age(o, now)];
});
export const leasePrinter = printer<Lease>('Name|Holder|Age', (o, now) => [o.metadata.name, o.spec?.holderIdentity ?? '', age(o, now)]);

const orDefault = (o: KubeObject, ...annotations: readonly string[]): string => (annotations.some((key) => o.metadata.annotations?.[key] === 'true') ? `${o.metadata.name} (default)` : o.metadata.name);
export const storageClassPrinter = printer<storage.StorageClass>('Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age', (o, now) => [
  orDefault(o, 'storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'), o.provisioner, o.reclaimPolicy ?? 'Delete', o.volumeBindingMode ?? 'Immediate', o.allowVolumeExpansion ?? false, age(o, now),
]);
export const attributesClassPrinter = printer<storage.VolumeAttributesClass>('Name|DriverName|Age', (o, now) => [orDefault(o, 'volumeattributesclass.alpha.kubernetes.io/is-default-class'), o.driverName, age(o, now)]);
export const volumeAttachmentPrinter = printer<storage.VolumeAttachment>('Name|@Attacher|PV|Node|?Attached|Age', (o, now) => [
  o.metadata.name, o.spec?.attacher ?? '', o.spec?.source?.persistentVolumeName ?? '', o.spec?.nodeName ?? '', o.status?.attached ?? false, age(o, now),
]);
export const csiNodePrinter = printer<storage.CSINode>('Name|#Drivers|Age', (o, now) => [o.metadata.name, o.spec?.drivers?.length ?? 0, age(o, now)]);
export const csiDriverPrinter = printer<storage.CSIDriver>('Name|?AttachRequired|?PodInfoOnMount|?StorageCapacity|TokenRequests|?RequiresRepublish|Modes|Age', (o, now) => [
  o.metadata.name, o.spec?.attachRequired ?? true, o.spec?.podInfoOnMount ?? false, o.spec?.storageCapacity ?? false,
  o.spec?.tokenRequests === undefined ? UNSET : o.spec.tokenRequests.map((request) => request.audience).join(','), o.spec?.requiresRepublish ?? false, joined(o.spec?.volumeLifecycleModes), age(o, now),
]);
export const csiCapacityPrinter = printer<storage.CSIStorageCapacity>('Name|StorageClassName|Capacity', (o) => [o.metadata.name, o.storageClassName, String(o.capacity ?? UNSET)]);

export const priorityClassPrinter = printer<PriorityClass>('Name|#Value|?Global-Default|Age|PreemptionPolicy', (o, now) => [o.metadata.name, o.value, o.globalDefault ?? false, age(o, now), o.preemptionPolicy ?? '']);
export const runtimeClassPrinter = printer<RuntimeClass>('Name|Handler|Age', (o, now) => [o.metadata.name, o.handler, age(o, now)]);

export const webhooksPrinter = printer<admission.ValidatingWebhookConfiguration | admission.MutatingWebhookConfiguration>('Name|#Webhooks|Age', (o, now) => [o.metadata.name, o.webhooks?.length ?? 0, age(o, now)]);
const paramKind = (kind: admission.ParamKind | undefined): string => (kind === undefined ? UNSET : `${kind.apiVersion}/${kind.kind}`);
export const admissionPolicyPrinter = printer<admission.ValidatingAdmissionPolicy>('Name|#Validations|ParamKind|Age', (o, now) => [o.metadata.name, o.spec?.validations?.length ?? 0, paramKind(o.spec?.paramKind), age(o, now)]);
export const mutatingPolicyPrinter = printer<admission.MutatingAdmissionPolicy>('Name|#Mutations|ParamKind|Age', (o, now) => [o.metadata.name, o.spec?.mutations?.length ?? 0, paramKind(o.spec?.paramKind), age(o, now)]);
export const admissionBindingPrinter = printer<admission.ValidatingAdmissionPolicyBinding | admission.MutatingAdmissionPolicyBinding>('Name|PolicyName|ParamRef|Age', (o, now) => {
  const param = o.spec?.paramRef;
  // The cell cannot tell whether the parameter's kind stands in namespaces: without one, it may be any.
  const text = param?.name ? `${param.namespace || '*'}/${param.name}` : param?.selector === undefined ? UNSET : selectorText(param.selector);
  return [o.metadata.name, o.spec?.policyName ?? '', text, age(o, now)];
});

export const flowSchemaPrinter = printer<flowcontrol.FlowSchema>('Name|PriorityLevel|MatchingPrecedence|DistinguisherMethod|Age|MissingPL', (o, now) => {
  const dangling = o.status?.conditions?.find((c) => c.type === 'Dangling')?.status ?? '?';
  return [o.metadata.name, o.spec?.priorityLevelConfiguration?.name ?? '', o.spec?.matchingPrecedence ?? 0, o.spec?.distinguisherMethod?.type ?? NONE, age(o, now), dangling];
}, { order: (a, b) => (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || (a.metadata.name < b.metadata.name ? -1 : 1) });
export const priorityLevelPrinter = printer<flowcontrol.PriorityLevelConfiguration>('Name|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age', (o, now) => {
  const queuing = o.spec?.limited?.limitResponse?.queuing;
  return [o.metadata.name, o.spec?.type ?? '', ...[o.spec?.limited?.nominalConcurrencyShares, queuing?.queues, queuing?.handSize, queuing?.queueLengthLimit].map((n) => n ?? NONE), age(o, now)];
});

export const resourceClaimPrinter = printer<ResourceClaim>('Name|State|Age', (o, now) => {
  const isDeleted = o.metadata.deletionTimestamp !== undefined;
  const waiting = isDeleted ? [] : ['pending'];
  const states = [...(isDeleted ? ['deleted'] : []), ...(o.status?.allocation === undefined ? waiting : ['allocated', ...(o.status.reservedFor?.length ? ['reserved'] : [])])];
  return [o.metadata.name, states.join(','), age(o, now)];
});
export const resourceSlicePrinter = printer<ResourceSlice>('Name|Node|Driver|Pool|Age', (o, now) => [
  o.metadata.name, o.spec?.nodeName ?? '', o.spec?.driver ?? '', o.spec?.pool?.name ?? '', age(o, now),
]);

/** Kinds of which only the name and the age are shown. */
export const agePrinter = printer<KubeObject>('Name|Age', (o, now) => [o.metadata.name, age(o, now)]);

const SHORT_COMMIT = 7;
const commit = (id: string | undefined): string => (id === undefined ? NONE : id.slice(0, SHORT_COMMIT));
interface Condition { readonly type: string; readonly status: string; readonly message: string }
const stateOf = (conditions: readonly Condition[] | undefined, type: string): string => conditions?.find((c) => c.type === type)?.status ?? 'Unknown';
const list = (patterns: readonly string[] = ['*']): string => few(patterns, (more) => ` + ${more} more...`);
const trouble = (conditions: readonly Condition[] | undefined): string => few((conditions ?? []).filter((c) => c.status === 'False').map((c) => c.message), (more) => ` + ${more} more...`);

export const repositoryPrinter = printer<Repository>('Name|URL|Ref|Revision|Ready|Age|Message*', (o, now) => [
  o.metadata.name, o.spec?.url ?? '', o.spec?.ref ?? 'main', commit(o.status?.revision), stateOf(o.status?.conditions, 'Ready'), age(o, now), trouble(o.status?.conditions),
]);
export const applicationPrinter = printer<Application>('Name|Repository|Path|Synced|Healthy|Revision|Age|Objects*|Prune*|Message*', (o, now) => [
  o.metadata.name, o.spec?.repository ?? '', o.spec?.path || '.', stateOf(o.status?.conditions, 'Synced'), stateOf(o.status?.conditions, 'Healthy'), commit(o.status?.syncedRevision), age(o, now),
  String(o.status?.inventory?.length ?? 0), isTrue(o.spec?.syncPolicy?.prune), trouble(o.status?.conditions),
]);
export const applicationSetPrinter = printer<ApplicationSet>('Name|Applications|Ready|Pending|Age|Message*', (o, now) => [
  o.metadata.name, String(o.status?.applications?.length ?? 0), stateOf(o.status?.conditions, 'Ready'), String(o.status?.pending?.deletions.length ?? 0), age(o, now), trouble(o.status?.conditions),
]);
export const projectPrinter = printer<Project>('Name|Namespaces|Service-Account|Ready|Age|Repositories*|Message*', (o, now) => [
  o.metadata.name, list(o.spec?.namespaces), o.spec?.serviceAccount ?? NONE, stateOf(o.status?.conditions, 'Ready'), age(o, now), list(o.spec?.repositories), trouble(o.status?.conditions),
]);
export const syncPrinter = printer<Sync>('Name|Application|Revision|Trigger|Phase|Created|Updated|Deleted|Age|By*|Message*', (o, now) => [
  o.metadata.name, o.spec?.application ?? '', commit(o.spec?.revision), o.spec?.trigger?.type ?? '', o.status?.phase ?? 'Unknown',
  String(o.status?.created ?? 0), String(o.status?.updated ?? 0), String(o.status?.deleted ?? 0), age(o, now), o.spec?.trigger?.by ?? '', o.status?.message ?? '',
]);
