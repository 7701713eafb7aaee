import type { Job } from '#api/generated/batch/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { Problems } from '#api/validation/problems.ts';
import { sortedLabels } from '#api/validation/workloads.ts';
import type { Strategy } from '../strategy.ts';

type AnyJob = Job & KubeObject;

/** The old names without prefix are kept because clients select by them. */
const UID_LABELS = ['batch.kubernetes.io/controller-uid', 'controller-uid'] as const;
const NAME_LABELS = ['batch.kubernetes.io/job-name', 'job-name'] as const;
const NO_CAUSES: readonly StatusCause[] = [];

export const JOB: Strategy = {
  hasGeneration: true,
  orphansDependents: true,
  orphanWarning: 'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  prepareCreate: (object) => (isSelectedByHand(object as AnyJob) ? object : withGeneratedSelector(object as AnyJob)),
  validate: (object, live) => (live !== undefined || isSelectedByHand(object as AnyJob) ? NO_CAUSES : generatedProblems(object as AnyJob)),
};

const isSelectedByHand = ({ spec }: AnyJob): boolean => spec?.manualSelector === true;

/** The labels of exactly this job's pods. */
const ownLabels = ({ metadata: { uid = '', name } }: AnyJob): Readonly<Record<string, string>> => ({ ...fill(UID_LABELS, uid), ...fill(NAME_LABELS, name) });
const fill = (keys: readonly string[], value: string): Record<string, string> => Object.fromEntries(keys.map((k) => [k, value]));

/** Every job selects exactly its own pods, by its UID. What is there already stays: when it is another job's, it is refused. */
function withGeneratedSelector(job: AnyJob): KubeObject {
  const labels = { ...ownLabels(job), ...job.spec?.template?.metadata?.labels };
  const template = { ...job.spec?.template, metadata: { ...job.spec?.template?.metadata, labels } };
  const selector = { ...job.spec?.selector, matchLabels: { [UID_LABELS[0]]: job.metadata.uid ?? '', ...job.spec?.selector?.matchLabels } };
  return { ...job, spec: { ...job.spec, selector, template } } as KubeObject;
}

function generatedProblems(job: AnyJob): readonly StatusCause[] {
  const problems = new Problems();
  const given = sortedLabels(job.spec.template?.metadata?.labels) ?? {};
  for (const [key, value] of Object.entries(ownLabels(job))) {
    if (given[key] !== value) problems.invalid(`spec.template.metadata.labels[${key}]`, given, `must be '${value}'`);
  }
  if (job.spec.selector !== undefined && !labelSelectorPredicate(job.spec.selector)(ownLabels(job))) problems.invalid('spec.selector', job.spec.selector, '`selector` not auto-generated');
  return problems.causes;
}
