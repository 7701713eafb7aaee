import type { Job } from '#api/generated/batch/v1.ts';
import type { Container, Pod } from '#api/generated/core/v1.ts';
import { generateName, MAX_GENERATED_BASE } from '#api/names.ts';
import { JOBS } from '#api/resources.ts';
import type { New } from '#client/client.ts';
import { podFromTemplate } from '#controller/pods.ts';
import { failureAnnotations, hasLimitPerIndex } from './index-failures.ts';
import { INDEX_ANNOTATION } from './indexes.ts';
import { TRACKING_FINALIZER } from './plan.ts';

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** A pod of the Job; with `index` one that works on that index and knows it. `replaced`: the one that failed before it, where that counts. */
export function jobPod(job: Job, suffix: string, index: number | undefined, replaced?: Pod): New<Pod> {
  const pod = podFromTemplate({ owner: job, ownerResource: JOBS, template: job.spec.template, suffix });
  const tracked = { ...pod, metadata: { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER] } };
  return index === undefined ? tracked : withIndex(job, { ...tracked, metadata: { ...tracked.metadata, ...nameOf(job, index, suffix) } }, { index, replaced });
}

/** What a long name has too much of is cut before the index. */
function nameOf(job: Job, index: number, suffix: string): Pick<New<Pod>['metadata'], 'name' | 'generateName'> {
  const ending = `-${index}-`;
  const base = job.metadata.name.slice(0, MAX_GENERATED_BASE - ending.length) + ending;
  return { generateName: base, name: generateName(base, suffix) };
}

function withIndex(job: Job, pod: New<Pod>, { index, replaced }: { readonly index: number; readonly replaced: Pod | undefined }): New<Pod> {
  const { metadata, spec } = pod;
  const value = String(index);
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [INDEX_ANNOTATION]: value }, annotations: { ...metadata.annotations, [INDEX_ANNOTATION]: value, ...(hasLimitPerIndex(job) ? failureAnnotations(job, replaced) : {}) },
    },
    spec: {
      ...spec, hostname: `${job.metadata.name}-${index}`,
      containers: (spec?.containers ?? []).map(withIndexVariable),
      ...(spec?.initContainers ? { initContainers: spec.initContainers.map(withIndexVariable) } : {}),
    },
  };
}

function withIndexVariable(container: Container): Container {
  if (container.env?.some((e) => e.name === INDEX_VARIABLE)) return container;
  const variable = { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_ANNOTATION}']` } } };
  return { ...container, env: [...(container.env ?? []), variable] };
}
