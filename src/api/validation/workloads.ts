import { validateClaimSpec } from './claim.ts';
import { immutable } from './object-meta.ts';
import { validatePodTemplate } from './pod.ts';
import type { Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import { isZeroShare, validateShare } from './shares.ts';
import type { DaemonSet, Deployment, DeploymentStrategy, ReplicaSet, RollingUpdateDeployment, RollingUpdateStatefulSetStrategy, StatefulSet } from '#api/generated/apps/v1.ts';
import type { PodTemplateSpec, ReplicationController, Volume } from '#api/generated/core/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { jsonEqual, sortedKeys } from '#api/json.ts';
import { dns1123Label } from '#api/names.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';

interface Workload {
  readonly spec: { readonly selector?: LabelSelector | undefined; readonly template: PodTemplateSpec };
}

interface WorkloadKind {
  /** As it is called where a pod may not have a deadline. */
  readonly title: string;
  /** As it is called where its selector is empty. */
  readonly name: string;
  /** What is said of a selector that is wrong, beside what is wrong with it; the template is not looked at then. */
  readonly refusal?: string;
}

/** Deployments and ReplicaSets are told in the same words, which Kubernetes took from the one for the other. */
const REPLICATED: WorkloadKind = { title: 'ReplicaSet', name: 'deployment', refusal: 'invalid label selector' };
const STATEFUL: WorkloadKind = { title: 'StatefulSet', name: 'statefulset', refusal: '' };
const DAEMON: WorkloadKind = { title: 'DaemonSet', name: 'daemonset' };

function validateWorkload(problems: Problems, kind: WorkloadKind, workload: Workload, addedVolumes: readonly Volume[] = []): void {
  const { template } = workload.spec;
  const isTemplateSeen = checkSelector(problems, kind, workload);
  if (template === undefined) return problems.required('spec.template');
  if (isTemplateSeen) validatePodTemplate(problems, 'spec.template', template, { addedVolumes });
  else if (kind === REPLICATED) return;
  if (template.spec?.restartPolicy && template.spec.restartPolicy !== 'Always') problems.notSupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always']);
  if (template.spec?.activeDeadlineSeconds !== undefined) problems.forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind.title} is not Supported`);
}

/** Whether the template is to be looked at. */
function checkSelector(problems: Problems, { name, refusal }: WorkloadKind, { spec: { selector, template } }: Workload): boolean {
  if (selector === undefined) {
    // Of DaemonSets nothing more is told than that it selects none of the pods.
    if (refusal !== undefined) problems.required('spec.selector');
    if (template !== undefined) refuseUnselected(problems, template);
    return true;
  }
  if (!validateSelector(problems, 'spec.selector', selector)) {
    if (refusal !== undefined) problems.invalid('spec.selector', selector, refusal);
    return refusal === undefined;
  }
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  if (isEmpty) problems.invalid('spec.selector', selector, `empty selector is invalid for ${name}`);
  else if (!labelSelectorPredicate(selector)(template?.metadata?.labels)) refuseUnselected(problems, template);
  return true;
}

/** Also where there is no selector: it selects nothing. */
export const refuseUnselected = (problems: Problems, template: PodTemplateSpec | undefined): void =>
  problems.invalid('spec.template.metadata.labels', sortedLabels(template?.metadata?.labels) ?? null, '`selector` does not match template `labels`');

/** As they are told: Go writes maps in the order of their keys. */
export const sortedLabels = (labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined =>
  labels && Object.fromEntries(sortedKeys(labels).map((key) => [key, labels[key] ?? '']));

export function validateDeployment(problems: Problems, deployment: Deployment): void {
  const { replicas, minReadySeconds, strategy, revisionHistoryLimit, progressDeadlineSeconds } = deployment.spec;
  problems.atLeast('spec.replicas', replicas, 0);
  validateWorkload(problems, REPLICATED, deployment);
  if (strategy !== undefined) validateStrategy(problems, strategy);
  problems.atLeast('spec.minReadySeconds', minReadySeconds, 0);
  problems.atLeast('spec.revisionHistoryLimit', revisionHistoryLimit, 0);
  problems.atLeast('spec.progressDeadlineSeconds', progressDeadlineSeconds, 0);
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= (minReadySeconds ?? 0)) problems.invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds');
}

function validateStrategy(problems: Problems, { type, rollingUpdate: rolling }: DeploymentStrategy): void {
  const field = 'spec.strategy';
  if (type === 'Recreate') {
    if (rolling !== undefined) problems.forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'");
  } else if (type !== 'RollingUpdate') problems.notSupported(field, strategyTold(type, rolling && surgeTold(rolling)), ['Recreate', 'RollingUpdate']);
  else if (rolling !== undefined) {
    validateShare(problems, `${field}.rollingUpdate.maxUnavailable`, rolling.maxUnavailable, { isAtMostAll: true });
    validateShare(problems, `${field}.rollingUpdate.maxSurge`, rolling.maxSurge);
    if (isZeroShare(rolling.maxUnavailable) && isZeroShare(rolling.maxSurge)) problems.invalid(`${field}.rollingUpdate.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  }
}

/** A strategy is told with the names that its fields have in Kubernetes itself. */
const strategyTold = (type: string | undefined, rolling: object | undefined): object => ({ Type: type ?? '', RollingUpdate: rolling ?? null });
const surgeTold = ({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment): object => ({ MaxUnavailable: maxUnavailable, MaxSurge: maxSurge });

export function validateReplicaSet(problems: Problems, set: ReplicaSet): void {
  problems.atLeast('spec.replicas', set.spec.replicas, 0);
  problems.atLeast('spec.minReadySeconds', set.spec.minReadySeconds, 0);
  validateWorkload(problems, REPLICATED, set as Workload);
}

export function validateDaemonSet(problems: Problems, set: DaemonSet): void {
  validateWorkload(problems, DAEMON, set);
  problems.atLeast('spec.minReadySeconds', set.spec.minReadySeconds, 0);
  const field = 'spec.updateStrategy';
  const { type, rollingUpdate: rolling } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate' && type !== 'OnDelete') problems.notSupported(field, strategyTold(type, rolling && surgeTold(rolling)), ['RollingUpdate', 'OnDelete']);
  else if (type === 'RollingUpdate' && rolling === undefined) problems.required(`${field}.rollingUpdate`);
  else if (type === 'RollingUpdate' && rolling !== undefined) {
    const { maxUnavailable, maxSurge } = rolling;
    validateShare(problems, `${field}.rollingUpdate.maxUnavailable`, maxUnavailable, { isAtMostAll: true });
    validateShare(problems, `${field}.rollingUpdate.maxSurge`, maxSurge, { isAtMostAll: true });
    const [hasUnavailable, hasSurge] = [!isZeroShare(maxUnavailable), !isZeroShare(maxSurge)];
    if (hasUnavailable && hasSurge) problems.invalid(`${field}.rollingUpdate.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero');
    if (!hasUnavailable && !hasSurge) problems.required(`${field}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0');
  }
  problems.atLeast('spec.revisionHistoryLimit', set.spec.revisionHistoryLimit, 0);
}

export function validateStatefulSet(problems: Problems, set: StatefulSet, isNew: boolean): void {
  const { spec } = set;
  const [{ type, rollingUpdate: rolling } = { type: undefined, rollingUpdate: undefined }, retention] = [spec.updateStrategy, spec.persistentVolumeClaimRetentionPolicy];
  if (!['OrderedReady', 'Parallel'].includes(spec.podManagementPolicy ?? '')) problems.invalid('spec.podManagementPolicy', spec.podManagementPolicy ?? '', "must be 'OrderedReady' or 'Parallel'");
  if (type === 'OnDelete') {
    if (rolling !== undefined) problems.invalid('spec.updateStrategy.rollingUpdate', partitionTold(rolling), "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type === 'RollingUpdate') {
    problems.atLeast('spec.updateStrategy.rollingUpdate.partition', rolling?.partition, 0);
    validateShare(problems, 'spec.updateStrategy.rollingUpdate.maxUnavailable', rolling?.maxUnavailable, { isAtMostAll: true });
    if (rolling?.maxUnavailable !== undefined && isZeroShare(rolling.maxUnavailable)) problems.invalid('spec.updateStrategy.rollingUpdate.maxUnavailable', rolling.maxUnavailable, 'cannot be 0');
  } else problems.invalid('spec.updateStrategy', strategyTold(type, rolling && partitionTold(rolling)), "must be 'RollingUpdate' or 'OnDelete'");
  for (const name of ['whenDeleted', 'whenScaled'] as const) if (retention !== undefined && !['Retain', 'Delete'].includes(retention[name] ?? '')) problems.notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, retention[name], ['Retain', 'Delete']);
  for (const [i, claim] of (isNew ? spec.volumeClaimTemplates ?? [] : []).entries()) validateClaimSpec(problems, `spec.volumeClaimTemplates[${i}].spec`, claim.spec ?? {});
  problems.atLeast('spec.replicas', spec.replicas, 0);
  problems.atLeast('spec.minReadySeconds', spec.minReadySeconds, 0);
  problems.atLeast('spec.ordinals.start', spec.ordinals?.start, 0);
  if (isNew && spec.serviceName) problems.check('spec.serviceName', spec.serviceName, dns1123Label);
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }): Volume => ({ name: metadata?.name ?? '', persistentVolumeClaim: { claimName: metadata?.name ?? '' } }));
  validateWorkload(problems, STATEFUL, withoutIdentity(set), claims);
}

const partitionTold = ({ partition = 0, maxUnavailable }: RollingUpdateStatefulSetStrategy): object => ({ Partition: partition, MaxUnavailable: maxUnavailable ?? null });

/** The controller gives each pod a host name of its own. */
function withoutIdentity(set: StatefulSet): StatefulSet {
  const pod = set.spec.template?.spec;
  if (!pod?.hostname && !pod?.subdomain) return set;
  const { hostname: _h, subdomain: _s, ...spec } = pod;
  return { ...set, spec: { ...set.spec, template: { ...set.spec.template, spec } } };
}

export function validateReplicationController(problems: Problems, { spec }: ReplicationController): void {
  const { selector = {}, template, replicas, minReadySeconds } = spec ?? {};
  problems.atLeast('spec.minReadySeconds', minReadySeconds, 0);
  if (Object.keys(selector).length === 0) problems.required('spec.selector');
  problems.atLeast('spec.replicas', replicas, 0);
  if (template === undefined) return problems.required('spec.template');
  const labels = template.metadata?.labels ?? {};
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) refuseUnselected(problems, template);
  validatePodTemplate(problems, 'spec.template', template);
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== 'Always') problems.notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']);
  if (activeDeadlineSeconds !== undefined) problems.forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicationController is not Supported');
}

const MUTABLE_STATEFUL: readonly string[] = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'];

export function validateStatefulSetUpdate(problems: Problems, set: StatefulSet, old: StatefulSet): void {
  const fixed = (spec: object): object => Object.fromEntries(Object.entries(spec).filter(([name]) => !MUTABLE_STATEFUL.includes(name)));
  if (jsonEqual(fixed(set.spec), fixed(old.spec))) return;
  const names = `${MUTABLE_STATEFUL.slice(0, -1).map((name) => `'${name}'`).join(', ')} and '${MUTABLE_STATEFUL.at(-1)}'`;
  problems.forbidden('spec', `updates to statefulset spec for fields other than ${names} are forbidden`);
}

export const validateSelectorUpdate = (problems: Problems, set: Workload, old: Workload): void => immutable(problems, 'spec.selector', set.spec.selector, old.spec.selector);
