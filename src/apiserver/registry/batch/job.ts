import type { Job } from '#api/generated/batch/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { invalid } from '#api/status-error.ts';
import type { Strategy } from '../strategy.ts';

const JOBS = { group: 'batch', plural: 'jobs', kind: 'Job' } as const;
/** The old names without prefix are kept because clients select by them. */
const UID_LABELS = ['batch.kubernetes.io/controller-uid', 'controller-uid'] as const;
const NAME_LABELS = ['batch.kubernetes.io/job-name', 'job-name'] as const;

export const JOB: Strategy = {
  hasGeneration: true,
  orphansDependents: true,
  orphanWarning: 'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  prepareCreate(object) {
    const job = object as Job & KubeObject;
    return job.spec?.manualSelector ? job : withGeneratedSelector(job);
  },
};

/** Every job selects exactly its own pods, by its UID. */
function withGeneratedSelector(job: Job & KubeObject): KubeObject {
  const uid = job.metadata.uid ?? '';
  const given = job.spec?.template?.metadata?.labels ?? {};
  for (const label of UID_LABELS) {
    if (given[label] !== undefined && given[label] !== uid) throw foreignLabel(job, label);
  }
  const labels = { ...given, ...fill(UID_LABELS, uid), ...fill(NAME_LABELS, job.metadata.name) };
  const template = { ...job.spec?.template, metadata: { ...job.spec?.template?.metadata, labels } };
  const selector = { ...job.spec?.selector, matchLabels: { ...job.spec?.selector?.matchLabels, [UID_LABELS[0]]: uid } };
  return { ...job, spec: { ...job.spec, selector, template } } as KubeObject;
}

const fill = (keys: readonly string[], value: string): Record<string, string> => Object.fromEntries(keys.map((k) => [k, value]));

const foreignLabel = (job: KubeObject, label: string) =>
  invalid(JOBS, job.metadata.name, [{ reason: 'FieldValueInvalid', field: `spec.template.metadata.labels[${label}]`, message: `must be '${job.metadata.uid ?? ''}'` }]);
