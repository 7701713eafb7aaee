import { age, containerCells, humanDuration, isTrue, labelsText, NONE, printer, selectorText, since, UNKNOWN, UNSET } from './format.ts';
import type * as apps from '#api/generated/apps/v1.ts';
import type { HorizontalPodAutoscaler as AutoscalerV1, Scale } from '#api/generated/autoscaling/v1.ts';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '#api/generated/autoscaling/v2.ts';
import type { CronJob, Job } from '#api/generated/batch/v1.ts';
import type { PodTemplate, ReplicationController } from '#api/generated/core/v1.ts';
import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import type { KubeObject } from '#api/object.ts';

export const deploymentPrinter = printer<apps.Deployment>('Name|Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*', (o, now) => [
  o.metadata.name, `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`, o.status?.updatedReplicas ?? 0, o.status?.availableReplicas ?? 0, age(o, now),
  ...containerCells(o.spec?.template?.spec), selectorText(o.spec?.selector),
]);

const REPLICAS = 'Name|#Desired|#Current|#Ready|Age|Containers*|Images*|Selector*';
const replicaCells = (o: apps.ReplicaSet | ReplicationController, now: number): readonly unknown[] => [
  o.metadata.name, o.spec?.replicas ?? 0, o.status?.replicas ?? 0, o.status?.readyReplicas ?? 0, age(o, now), ...containerCells(o.spec?.template?.spec),
];
export const replicaSetPrinter = printer<apps.ReplicaSet>(REPLICAS, (o, now) => [...replicaCells(o, now), selectorText(o.spec?.selector)]);
export const replicationControllerPrinter = printer<ReplicationController>(REPLICAS, (o, now) => [...replicaCells(o, now), labelsText(o.spec?.selector)]);

export const statefulSetPrinter = printer<apps.StatefulSet>('Name|Ready|Age|Containers*|Images*', (o, now) => [
  o.metadata.name, `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`, age(o, now), ...containerCells(o.spec?.template?.spec),
]);

export const daemonSetPrinter = printer<apps.DaemonSet>('Name|#Desired|#Current|#Ready|#Up-to-date|#Available|Node Selector|Age|Containers*|Images*|Selector*', (o, now) => [
  o.metadata.name, o.status?.desiredNumberScheduled ?? 0, o.status?.currentNumberScheduled ?? 0, o.status?.numberReady ?? 0, o.status?.updatedNumberScheduled ?? 0, o.status?.numberAvailable ?? 0,
  labelsText(o.spec?.template?.spec?.nodeSelector), age(o, now), ...containerCells(o.spec?.template?.spec), selectorText(o.spec?.selector),
]);

export const controllerRevisionPrinter = printer<apps.ControllerRevision>('Name|Controller|Revision|Age', (o, now) => {
  const owner = o.metadata.ownerReferences?.find((reference) => reference.controller === true);
  const group = owner?.apiVersion.includes('/') === true ? `.${owner.apiVersion.split('/')[0]}` : '';
  return [o.metadata.name, owner === undefined ? NONE : `${owner.kind.toLowerCase()}${group}/${owner.name}`, o.revision, age(o, now)];
});

export const jobPrinter = printer<Job>('Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*', (o, now) => [
  o.metadata.name, jobStatus(o), jobCompletions(o), jobDuration(o, now), age(o, now), ...containerCells(o.spec?.template?.spec), selectorText(o.spec?.selector),
]);

const hasJobCondition = (job: Job, type: string): boolean => job.status?.conditions?.some((c) => c.type === type && c.status === 'True') === true;

function jobStatus(job: Job): string {
  for (const ended of ['Complete', 'Failed']) if (hasJobCondition(job, ended)) return ended;
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => hasJobCondition(job, type)) ?? 'Running';
}

function jobCompletions(job: Job): string {
  const done = job.status?.succeeded ?? 0;
  const parallelism = job.spec?.parallelism ?? 0;
  if (job.spec?.completions !== undefined) return `${done}/${job.spec.completions}`;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobDuration(job: Job, now: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (startTime === undefined) return '';
  const failedAt = job.status?.conditions?.find((c) => c.type === 'Failed' && c.status === 'True')?.lastTransitionTime;
  const end = completionTime ?? failedAt;
  return humanDuration((end === undefined ? now : Date.parse(end)) - Date.parse(startTime));
}

export const cronJobPrinter = printer<CronJob>('Name|Schedule|Timezone|?Suspend|#Active|Last Schedule|Age|Containers*|Images*|Selector*', (o, now) => {
  const job = o.spec?.jobTemplate?.spec;
  const last = o.status?.lastScheduleTime;
  return [
    o.metadata.name, o.spec?.schedule ?? '', o.spec?.timeZone ?? NONE, isTrue(o.spec?.suspend), o.status?.active?.length ?? 0, last === undefined ? NONE : since(last, now), age(o, now),
    ...containerCells(job?.template?.spec), selectorText(job?.selector),
  ];
});

export const podTemplatePrinter = printer<PodTemplate>('Name|Containers|Images|Pod Labels', (o) => [o.metadata.name, ...containerCells(o.template?.spec), labelsText(o.template?.metadata?.labels)]);

export const disruptionBudgetPrinter = printer<PodDisruptionBudget>('Name|Min Available|Max Unavailable|#Allowed Disruptions|Age', (o, now) => [
  o.metadata.name, String(o.spec?.minAvailable ?? 'N/A'), String(o.spec?.maxUnavailable ?? 'N/A'), o.status?.disruptionsAllowed ?? 0, age(o, now),
]);

export const scalePrinter = printer<Scale & KubeObject>('Name|#Desired|#Available|Age', (o, now) => [o.metadata.name, o.spec?.replicas ?? 0, o.status?.replicas ?? 0, age(o, now)]);

const AUTOSCALER = 'Name|Reference|Targets|MinPods|MaxPods|Replicas|Age';
const autoscalerCells = (o: HorizontalPodAutoscaler | AutoscalerV1, targets: string, now: number): readonly unknown[] => [
  o.metadata.name, `${o.spec?.scaleTargetRef?.kind}/${o.spec?.scaleTargetRef?.name}`, targets, String(o.spec?.minReplicas ?? UNSET), o.spec?.maxReplicas ?? 0, o.status?.currentReplicas ?? 0, age(o, now),
];
export const autoscalerPrinter = printer<HorizontalPodAutoscaler>(AUTOSCALER, (o, now) => autoscalerCells(o, metricsText(o), now));
export const autoscalerV1Printer = printer<AutoscalerV1>(AUTOSCALER, (o, now) => {
  const target = o.spec?.targetCPUUtilizationPercentage;
  const current = o.status?.currentCPUUtilizationPercentage;
  return autoscalerCells(o, target === undefined ? NONE : `cpu: ${current === undefined ? UNKNOWN : `${current}%`}/${target}%`, now);
});

function metricsText(autoscaler: HorizontalPodAutoscaler): string {
  const specs = autoscaler.spec?.metrics ?? [];
  if (specs.length === 0) return NONE;
  const texts = specs.slice(0, 2).map((spec, i) => metricText(spec, autoscaler.status?.currentMetrics?.[i]));
  return `${texts.join(', ')}${specs.length > 2 ? ` + ${specs.length - 2} more...` : ''}`;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const source = spec.resource ?? spec.containerResource ?? spec.pods ?? spec.object ?? spec.external;
  const current = status?.resource?.current ?? status?.containerResource?.current ?? status?.pods?.current ?? status?.object?.current ?? status?.external?.current;
  const target = source?.target;
  if (target === undefined) return '<unknown type>';
  const name = spec.resource?.name ?? spec.containerResource?.name;
  const label = name === undefined ? '' : `${name}: `;
  if (target.averageValue !== undefined) return `${label}${current?.averageValue ?? UNKNOWN}/${target.averageValue}${name === undefined && spec.pods === undefined ? ' (avg)' : ''}`;
  if (name === undefined) return `${current?.value ?? UNKNOWN}/${target.value ?? 0}`;
  const percent = (utilization: number | undefined, absent: string): string => (utilization === undefined ? absent : `${utilization}%`);
  return `${label}${percent(current?.averageUtilization, UNKNOWN)}/${percent(target.averageUtilization, '<auto>')}`;
}
