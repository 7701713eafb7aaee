import { immutable } from './object-meta.ts';
import { validatePodTemplate } from './pod.ts';
import type { Problems } from './problems.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '#api/generated/apps/v1.ts';
import type { CronJob, Job, JobSpec } from '#api/generated/batch/v1.ts';
import type { PodTemplateSpec } from '#api/generated/core/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { labelValue, qualifiedName } from '#api/names.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
const PERCENT = /^\d+%$/;

export function validateSelector(problems: Problems, field: string, selector: LabelSelector): boolean {
  const before = problems.causes.length;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    problems.check(`${field}.matchLabels`, key, qualifiedName);
    problems.check(`${field}.matchLabels`, value, labelValue);
  }
  for (const [i, { key, operator, values }] of (selector.matchExpressions ?? []).entries()) {
    const path = `${field}.matchExpressions[${i}]`;
    problems.check(`${path}.key`, key, qualifiedName);
    if (!OPERATORS.includes(operator)) problems.invalid(`${path}.operator`, operator, 'not a valid selector operator');
    else if (operator.endsWith('In') && (values ?? []).length === 0) problems.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
    else if (!operator.endsWith('In') && (values ?? []).length > 0) problems.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  }
  return problems.causes.length === before;
}

interface Workload {
  readonly spec: { readonly selector?: LabelSelector | undefined; readonly template: PodTemplateSpec };
}

function validateWorkload(problems: Problems, kind: string, { spec }: Workload): void {
  const { selector, template } = spec;
  if (selector === undefined) problems.required('spec.selector');
  else {
    const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
    if (isEmpty) problems.invalid('spec.selector', selector, `empty selector is invalid for ${kind}`);
    else if (validateSelector(problems, 'spec.selector', selector) && !labelSelectorPredicate(selector)(template?.metadata?.labels)) {
      problems.invalid('spec.template.metadata.labels', template?.metadata?.labels ?? null, '`selector` does not match template `labels`');
    }
  }
  if (template === undefined) {
    problems.required('spec.template');
    return;
  }
  validatePodTemplate(problems, 'spec.template', template);
  if (template.spec?.restartPolicy && template.spec.restartPolicy !== 'Always') problems.notSupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always']);
  if (template.spec?.activeDeadlineSeconds !== undefined) problems.forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`);
}

function validateShare(problems: Problems, field: string, share: number | string | undefined): void {
  if (share === undefined) return;
  if (typeof share === 'number') problems.atLeast(field, share, 0);
  else if (!PERCENT.test(share)) problems.invalid(field, share, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
}
const isZero = (share: number | string | undefined): boolean => share === 0 || share === '0%';

export function validateDeployment(problems: Problems, deployment: Deployment): void {
  validateWorkload(problems, 'deployment', deployment);
  const { replicas, minReadySeconds, strategy, revisionHistoryLimit, progressDeadlineSeconds } = deployment.spec;
  problems.atLeast('spec.replicas', replicas, 0);
  problems.atLeast('spec.minReadySeconds', minReadySeconds, 0);
  problems.atLeast('spec.revisionHistoryLimit', revisionHistoryLimit, 0);
  problems.atLeast('spec.progressDeadlineSeconds', progressDeadlineSeconds, 0);
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= (minReadySeconds ?? 0)) problems.invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds');
  if (strategy === undefined) return;
  problems.oneOf('spec.strategy.type', strategy.type, ['Recreate', 'RollingUpdate']);
  const rolling = strategy.rollingUpdate;
  if (strategy.type === 'Recreate' && rolling !== undefined) problems.forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'");
  if (strategy.type !== 'RollingUpdate' || rolling === undefined) return;
  validateShare(problems, 'spec.strategy.rollingUpdate.maxUnavailable', rolling.maxUnavailable);
  validateShare(problems, 'spec.strategy.rollingUpdate.maxSurge', rolling.maxSurge);
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) problems.invalid('spec.strategy.rollingUpdate.maxUnavailable', rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  if (typeof rolling.maxUnavailable === 'string' && Number.parseInt(rolling.maxUnavailable, 10) > 100) problems.invalid('spec.strategy.rollingUpdate.maxUnavailable', rolling.maxUnavailable, 'must not be greater than 100%');
}

export function validateReplicaSet(problems: Problems, set: ReplicaSet): void {
  validateWorkload(problems, 'replicaset', set as Workload);
  problems.atLeast('spec.replicas', set.spec.replicas, 0);
  problems.atLeast('spec.minReadySeconds', set.spec.minReadySeconds, 0);
}

export function validateDaemonSet(problems: Problems, set: DaemonSet): void {
  validateWorkload(problems, 'daemonset', set);
  problems.atLeast('spec.minReadySeconds', set.spec.minReadySeconds, 0);
  problems.optionalOneOf('spec.updateStrategy.type', set.spec.updateStrategy?.type, ['RollingUpdate', 'OnDelete']);
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  validateShare(problems, 'spec.updateStrategy.rollingUpdate.maxUnavailable', rolling?.maxUnavailable);
  validateShare(problems, 'spec.updateStrategy.rollingUpdate.maxSurge', rolling?.maxSurge);
  if (rolling !== undefined && isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) problems.invalid('spec.updateStrategy.rollingUpdate.maxUnavailable', rolling.maxUnavailable, 'cannot be 0 when maxSurge is 0');
}

export function validateStatefulSet(problems: Problems, set: StatefulSet): void {
  validateWorkload(problems, 'statefulset', set);
  problems.atLeast('spec.replicas', set.spec.replicas, 0);
  problems.atLeast('spec.minReadySeconds', set.spec.minReadySeconds, 0);
  problems.optionalOneOf('spec.podManagementPolicy', set.spec.podManagementPolicy, ['OrderedReady', 'Parallel']);
  problems.optionalOneOf('spec.updateStrategy.type', set.spec.updateStrategy?.type, ['RollingUpdate', 'OnDelete']);
  problems.atLeast('spec.updateStrategy.rollingUpdate.partition', set.spec.updateStrategy?.rollingUpdate?.partition, 0);
  problems.atLeast('spec.ordinals.start', set.spec.ordinals?.start, 0);
}

const MUTABLE_STATEFUL: readonly string[] = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'];

export function validateStatefulSetUpdate(problems: Problems, set: StatefulSet, old: StatefulSet): void {
  const fixed = (spec: object): object => Object.fromEntries(Object.entries(spec).filter(([name]) => !MUTABLE_STATEFUL.includes(name)));
  if (jsonEqual(fixed(set.spec), fixed(old.spec))) return;
  const names = `${MUTABLE_STATEFUL.slice(0, -1).map((name) => `'${name}'`).join(', ')} and '${MUTABLE_STATEFUL.at(-1)}'`;
  problems.forbidden('spec', `updates to statefulset spec for fields other than ${names} are forbidden`);
}

export const validateSelectorUpdate = (problems: Problems, set: Workload, old: Workload): void => immutable(problems, 'spec.selector', set.spec.selector, old.spec.selector);

export function validateJob(problems: Problems, job: Job): void {
  validateJobSpec(problems, 'spec', job.spec);
  // The API server makes the selector; a hand-made one must fit.
  if (job.spec.selector === undefined) return;
  if (validateSelector(problems, 'spec.selector', job.spec.selector) && !labelSelectorPredicate(job.spec.selector)(job.spec.template?.metadata?.labels)) {
    problems.invalid('spec.template.metadata.labels', job.spec.template?.metadata?.labels ?? null, '`selector` does not match template `labels`');
  }
}

function validateJobSpec(problems: Problems, path: string, spec: JobSpec | undefined): void {
  for (const name of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    problems.atLeast(`${path}.${name}`, spec?.[name], 0);
  }
  problems.optionalOneOf(`${path}.completionMode`, spec?.completionMode, ['NonIndexed', 'Indexed']);
  if (spec?.completionMode === 'Indexed' && spec.completions === undefined) problems.required(`${path}.completions`, 'when completion mode is Indexed');
  if (spec?.template === undefined) {
    problems.required(`${path}.template`);
    return;
  }
  validatePodTemplate(problems, `${path}.template`, spec.template);
  const policy = spec.template.spec?.restartPolicy;
  if (policy === 'Always') problems.required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"');
}

export function validateJobUpdate(problems: Problems, job: Job, old: Job): void {
  immutable(problems, 'spec.selector', job.spec.selector, old.spec.selector);
  immutable(problems, 'spec.completionMode', job.spec.completionMode, old.spec.completionMode);
  immutable(problems, 'spec.podFailurePolicy', job.spec.podFailurePolicy, old.spec.podFailurePolicy);
  immutable(problems, 'spec.backoffLimitPerIndex', job.spec.backoffLimitPerIndex, old.spec.backoffLimitPerIndex);
  const isElastic = job.spec.completionMode === 'Indexed' && job.spec.completions === job.spec.parallelism;
  if (!isElastic) immutable(problems, 'spec.completions', job.spec.completions, old.spec.completions);
  // A queue may still say where the pods of a suspended job go.
  if (old.spec.suspend !== true) immutable(problems, 'spec.template', job.spec.template, old.spec.template);
}

const SCHEDULE = /^(?:@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)|\S+(?: +\S+){4})$/;

export function validateCronJob(problems: Problems, job: CronJob): void {
  const { schedule, concurrencyPolicy, startingDeadlineSeconds, timeZone } = job.spec;
  if (!schedule) problems.required('spec.schedule');
  else if (/TZ/.test(schedule)) problems.invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  else if (!SCHEDULE.test(schedule.trim())) problems.invalid('spec.schedule', schedule, `expected exactly 5 fields, found ${schedule.trim().split(/\s+/).length}: [${schedule}]`);
  if (timeZone !== undefined && !isTimeZone(timeZone)) problems.invalid('spec.timeZone', timeZone, `unknown time zone ${timeZone}`);
  problems.atLeast('spec.startingDeadlineSeconds', startingDeadlineSeconds, 0);
  problems.oneOf('spec.concurrencyPolicy', concurrencyPolicy, ['Allow', 'Forbid', 'Replace']);
  problems.atLeast('spec.successfulJobsHistoryLimit', job.spec.successfulJobsHistoryLimit, 0);
  problems.atLeast('spec.failedJobsHistoryLimit', job.spec.failedJobsHistoryLimit, 0);
  validateJobSpec(problems, 'spec.jobTemplate.spec', job.spec.jobTemplate?.spec);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
