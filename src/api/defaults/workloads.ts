import { chain, type Default, each, fill, filling, forEach, inside, memberOf, ofSpec, within } from './fill.ts';
import { podTemplateDefaults } from './pod.ts';
import { roundedIn } from './resource-lists.ts';
import { claimSpecDefaults } from './volume.ts';
import type { JsonObject } from '#api/json.ts';

const HISTORY_LIMIT = 10;
const PROGRESS_DEADLINE_SECONDS = 600;
const BACKOFF_LIMIT = 6;
const MAX_INT32 = 2 ** 31 - 1;

const template = inside('template', podTemplateDefaults);
const labelsOf = (spec: JsonObject): JsonObject => memberOf(memberOf(memberOf(spec, 'template'), 'metadata'), 'labels');

/** The members that go with the type `RollingUpdate`, which is the default. */
const rolling = (values: JsonObject): Default => (strategy) => {
  const typed = fill(strategy, { type: 'RollingUpdate' });
  return typed['type'] === 'RollingUpdate' ? within(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', filling(values)) : typed;
};

export const deploymentDefaults = ofSpec((spec) => {
  const filled = fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: HISTORY_LIMIT, progressDeadlineSeconds: PROGRESS_DEADLINE_SECONDS });
  return template(within(filled, 'strategy', rolling({ maxUnavailable: '25%', maxSurge: '25%' })));
});

export const replicaSetDefaults = ofSpec(chain(filling({ replicas: 1 }), template));

export const daemonSetDefaults = ofSpec((spec) => {
  const filled = fill(spec, { updateStrategy: {}, revisionHistoryLimit: HISTORY_LIMIT });
  return template(within(filled, 'updateStrategy', rolling({ maxUnavailable: 1, maxSurge: 0 })));
});

export const statefulSetDefaults = ofSpec((spec) => {
  let result = fill(spec, { podManagementPolicy: 'OrderedReady', updateStrategy: {}, persistentVolumeClaimRetentionPolicy: {}, replicas: 1, revisionHistoryLimit: HISTORY_LIMIT });
  result = within(result, 'updateStrategy', (strategy) => {
    const typed = strategy['type'] ? strategy : fill(strategy, { type: 'RollingUpdate', rollingUpdate: {} });
    return typed['type'] === 'RollingUpdate' ? within(typed, 'rollingUpdate', filling({ partition: 0 })) : typed;
  });
  result = within(result, 'persistentVolumeClaimRetentionPolicy', filling({ whenDeleted: 'Retain', whenScaled: 'Retain' }));
  return template(each(result, 'volumeClaimTemplates', claimDefaults));
});

const claimSpec = inside('spec', claimSpecDefaults);
const claimStatus = inside('status', chain(filling({ phase: 'Pending' }), roundedIn('capacity', 'allocatedResources')));
export const claimDefaults: Default = (claim) => claimSpec(claimStatus(fill(claim, { status: {} })));

/** An object without labels takes those of its template. */
const labelsFromTemplate: Default = (object) => {
  const labels = labelsOf(memberOf(object, 'spec'));
  const metadata = memberOf(object, 'metadata');
  if (Object.keys(labels).length === 0 || Object.keys(memberOf(metadata, 'labels')).length > 0) return object;
  return { ...object, metadata: { ...metadata, labels } };
};

const failurePolicy = inside('podFailurePolicy', forEach('rules', forEach('onPodConditions', filling({ status: 'True' }))));

const jobSpecDefaults: Default = (spec) => {
  const isUnset = spec['completions'] === undefined && spec['parallelism'] === undefined;
  const filled = fill(spec, {
    ...(isUnset ? { completions: 1 } : {}), parallelism: 1, completionMode: 'NonIndexed', suspend: false, manualSelector: false,
    backoffLimit: spec['backoffLimitPerIndex'] === undefined ? BACKOFF_LIMIT : MAX_INT32,
    podReplacementPolicy: spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  return failurePolicy(filled);
};

export const jobDefaults = chain(labelsFromTemplate, ofSpec(chain(jobSpecDefaults, template)));

/** Only the template's pods and its conditions get defaults: what the Job lacks, each of the Jobs that are made gets itself. */
export const cronJobDefaults = ofSpec((spec) => {
  const filled = fill(spec, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  return within(filled, 'jobTemplate', (job) => inside('spec', chain(failurePolicy, template))(fill(job, { metadata: {} })));
});

export const replicationControllerDefaults = chain(labelsFromTemplate, ofSpec((spec) => {
  const labels = labelsOf(spec);
  const needsSelector = Object.keys(memberOf(spec, 'selector')).length === 0 && Object.keys(labels).length > 0;
  return template(fill(needsSelector ? { ...spec, selector: labels } : spec, { replicas: 1 }));
}));
