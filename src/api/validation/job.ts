import { checkDomainPath } from './names.ts';
import { immutable } from './object-meta.ts';
import { validatePodTemplate } from './pod.ts';
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts';
import { IMMUTABLE, type Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import { refuseUnselected } from './workloads.ts';
import type { Job, JobSpec } from '#api/generated/batch/v1.ts';
import type { PodTemplateSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label } from '#api/names.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';

const MAX_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
/** With more completions than this and a backoff limit for each, the lists of indexes must stay short. */
const MANY_COMPLETIONS = 100_000;
const MAX_PARALLELISM_OF_MANY = 10_000;
const MAX_FAILED_OF_MANY = 10_000;
const MAX_MANAGED_BY = 63;

export function validateJob(problems: Problems, job: Job): void {
  const { spec } = job;
  validateJobSpec(problems, 'spec', spec);
  checkSelector(problems, spec);
  if (spec.completionMode === 'Indexed' && spec.completions !== undefined && spec.completions > 0) {
    const hostname = `${job.metadata.name}-${spec.completions - 1}`;
    if (dns1123Label(hostname).length > 0) problems.invalid('metadata.name', job.metadata.name, `will not able to create pod with invalid DNS label: ${hostname}`);
  }
}

/** The API server makes the selector; a hand-made one must fit. */
function checkSelector(problems: Problems, { selector, manualSelector, template }: JobSpec): void {
  if (selector === undefined) {
    if (manualSelector !== true) return;
    problems.required('spec.selector');
    refuseUnselected(problems, template);
  } else if (validateSelector(problems, 'spec.selector', selector) && !labelSelectorPredicate(selector)(template?.metadata?.labels)) refuseUnselected(problems, template);
}

export function validateJobSpec(problems: Problems, path: string, spec: JobSpec | undefined): void {
  if (spec === undefined) return problems.required(`${path}.template`);
  for (const name of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) problems.atLeast(`${path}.${name}`, spec[name], 0);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) problems.required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified');
  if (spec.managedBy !== undefined) {
    checkDomainPath(problems, `${path}.managedBy`, spec.managedBy);
    if (spec.managedBy.length > MAX_MANAGED_BY) problems.tooLong(`${path}.managedBy`, MAX_MANAGED_BY);
  }
  if (spec.completionMode !== undefined && !['NonIndexed', 'Indexed'].includes(spec.completionMode)) problems.notSupported(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed']);
  if (spec.completionMode === 'Indexed') validateIndexed(problems, path, spec);
  else for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) if (spec[name] !== undefined && (spec.completionMode ?? 'NonIndexed') === 'NonIndexed') problems.invalid(`${path}.${name}`, spec[name], 'requires indexed completion mode');
  if (spec.podFailurePolicy !== undefined) validateFailurePolicy(problems, `${path}.podFailurePolicy`, spec, spec.podFailurePolicy);
  if (spec.successPolicy !== undefined) validateSuccessPolicy(problems, `${path}.successPolicy`, spec, spec.successPolicy);
  const replacements = spec.podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  if (spec.podReplacementPolicy !== undefined && !replacements.includes(spec.podReplacementPolicy)) problems.notSupported(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, replacements);
  validateTemplate(problems, path, spec);
}

function validateTemplate(problems: Problems, path: string, { template, podFailurePolicy }: JobSpec): void {
  if (template === undefined) return problems.required(`${path}.template`);
  validatePodTemplate(problems, `${path}.template`, template);
  const policy = template.spec?.restartPolicy;
  const field = `${path}.template.spec.restartPolicy`;
  if (policy === undefined || policy === 'Always') problems.required(field, 'valid values: "OnFailure", "Never"');
  else if (policy !== 'OnFailure' && policy !== 'Never') problems.notSupported(field, policy, ['OnFailure', 'Never']);
  else if (podFailurePolicy !== undefined && policy !== 'Never') problems.invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified');
}

function validateIndexed(problems: Problems, path: string, { completions, parallelism = 0, maxFailedIndexes: failed, backoffLimitPerIndex }: JobSpec): void {
  if (completions === undefined) problems.required(`${path}.completions`, 'when completion mode is Indexed');
  if (parallelism > MAX_PARALLELISM) problems.invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${MAX_PARALLELISM} when completion mode is Indexed`);
  if (completions !== undefined && failed !== undefined && failed > completions) problems.invalid(`${path}.maxFailedIndexes`, failed, 'must be less than or equal to completions');
  if (failed !== undefined && failed > MAX_FAILED_INDEXES) problems.invalid(`${path}.maxFailedIndexes`, failed, `must be less than or equal to ${MAX_FAILED_INDEXES}`);
  if (completions === undefined || completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return;
  const when = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (failed === undefined) problems.required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`);
  if (parallelism > MAX_PARALLELISM_OF_MANY) problems.invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${MAX_PARALLELISM_OF_MANY} ${when}`);
  if (failed !== undefined && failed > MAX_FAILED_OF_MANY) problems.invalid(`${path}.maxFailedIndexes`, failed, `must be less than or equal to ${MAX_FAILED_OF_MANY} ${when}`);
}

export function validateJobUpdate(problems: Problems, job: Job, old: Job): void {
  const { spec } = job;
  const isElastic = spec.completionMode === 'Indexed' && spec.completions !== undefined;
  if (!isElastic) immutable(problems, 'spec.completions', spec.completions, old.spec.completions);
  else if (spec.completions !== old.spec.completions && spec.completions !== spec.parallelism) problems.invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism');
  immutable(problems, 'spec.selector', spec.selector, old.spec.selector);
  checkTemplateUpdate(problems, spec.template, old);
  for (const name of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) immutable(problems, `spec.${name}`, spec[name], old.spec[name]);
}

/** A queue may still say where the pods of a suspended job go, and what they get, while none of them runs. */
function checkTemplateUpdate(problems: Problems, template: PodTemplateSpec, old: Job): void {
  const before = old.spec.template;
  if (!isAtRest(old)) immutable(problems, 'spec.template', template, before);
  else if (!jsonEqual(fixedSpec(template), fixedSpec(before))) problems.invalid('spec.template.spec', template.spec, IMMUTABLE);
}

function isAtRest({ spec, status }: Job): boolean {
  const isSuspended = status?.conditions?.some(({ type, status: is }) => type === 'Suspended' && is === 'True') ?? false;
  return spec.suspend === true && (status?.active ?? 0) === 0 && (status?.startTime === undefined || isSuspended);
}

/** The pod without its scheduling directives and resources. */
function fixedSpec({ spec = { containers: [] } }: PodTemplateSpec): object {
  const { nodeSelector: _n, tolerations: _t, schedulingGates: _s, affinity, containers, initContainers, ...others } = spec;
  const { nodeAffinity: _a, ...affinities } = affinity ?? {};
  const plain = (list: typeof containers | undefined): readonly object[] => (list ?? []).map((container) => ({ ...container, resources: {} }));
  return { ...others, affinity: affinities, containers: plain(containers), initContainers: plain(initContainers) };
}
