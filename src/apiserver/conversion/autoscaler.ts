import type * as v1 from '#api/generated/autoscaling/v1.ts';
import type * as v2 from '#api/generated/autoscaling/v2.ts';
import type { KubeObject } from '#api/object.ts';
import { fromBehavior, toBehavior } from './autoscaler-behavior.ts';
import { specFromV1, specToV1, statusFromV1, statusToV1 } from './autoscaler-metrics.ts';

export const V1 = 'autoscaling/v1';
export const V2 = 'autoscaling/v2';
type AutoscalerV1 = v1.HorizontalPodAutoscaler;
type AutoscalerV2 = v2.HorizontalPodAutoscaler;

/** Where v1 keeps what it has no fields for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const KEPT: ReadonlySet<string> = new Set([METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]);
/** What an autoscaler of v1 aims at that says nothing. */
const DEFAULT_CPU_PERCENT = 80;

const isCpu = (metric: { readonly type: string; readonly resource?: { readonly name: string } | undefined }): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu';
const cpuTarget = (percent: number): v2.MetricSpec => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } });

export function toAutoscalerV1(object: KubeObject): KubeObject {
  if (object.apiVersion === V1) return object;
  const { spec, status, metadata } = object as AutoscalerV2;
  const others = (spec.metrics ?? []).filter((m) => !isCpu(m) || m.resource?.target.averageUtilization === undefined);
  const current = status?.currentMetrics ?? [];
  const annotations = {
    ...withoutKept(metadata.annotations),
    ...(others.length > 0 ? { [METRICS]: JSON.stringify(others.map(specToV1)) } : {}),
    ...(current.length > 0 ? { [CURRENT_METRICS]: JSON.stringify(current.map(statusToV1)) } : {}),
    ...(spec.behavior ? { [BEHAVIOR]: JSON.stringify(fromBehavior(spec.behavior)) } : {}),
    ...((status?.conditions ?? []).length > 0 ? { [CONDITIONS]: JSON.stringify(status?.conditions) } : {}),
  };
  return { ...object, apiVersion: V1, metadata: withAnnotations(metadata, annotations), spec: specV1(spec), ...(status ? { status: statusV1(status) } : {}) } as KubeObject;
}

function specV1({ scaleTargetRef, minReplicas, maxReplicas, metrics }: v2.HorizontalPodAutoscalerSpec): v1.HorizontalPodAutoscalerSpec {
  const percent = metrics?.find(isCpu)?.resource?.target.averageUtilization;
  return { scaleTargetRef, ...(minReplicas === undefined ? {} : { minReplicas }), maxReplicas, ...(percent === undefined ? {} : { targetCPUUtilizationPercentage: percent }) };
}

function statusV1({ observedGeneration, lastScaleTime, currentReplicas, desiredReplicas, currentMetrics }: v2.HorizontalPodAutoscalerStatus): v1.HorizontalPodAutoscalerStatus {
  const percent = currentMetrics?.findLast((m) => isCpu(m) && m.resource?.current.averageUtilization !== undefined)?.resource?.current.averageUtilization;
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }), ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    currentReplicas: currentReplicas ?? 0, desiredReplicas, ...(percent === undefined ? {} : { currentCPUUtilizationPercentage: percent }),
  };
}

export function toAutoscalerV2(object: KubeObject): KubeObject {
  if (object.apiVersion === V2) return object;
  const { spec, status, metadata } = object as AutoscalerV1;
  const { annotations } = metadata;
  return {
    ...object, apiVersion: V2, metadata: withAnnotations(metadata, withoutKept(annotations)), spec: specV2(spec, annotations),
    ...(status || annotations?.[CURRENT_METRICS] || annotations?.[CONDITIONS] ? { status: statusV2(status, annotations) } : {}),
  } as KubeObject;
}

type Annotations = Readonly<Record<string, string>> | undefined;

function specV2({ targetCPUUtilizationPercentage: percent, ...rest }: v1.HorizontalPodAutoscalerSpec, annotations: Annotations): v2.HorizontalPodAutoscalerSpec {
  const others = parsed<readonly v1.MetricSpec[]>(annotations?.[METRICS]) ?? [];
  const metrics = [...(percent === undefined ? [] : [cpuTarget(percent)]), ...others.map(specFromV1)];
  const behavior = toBehavior(parsed(annotations?.[BEHAVIOR]));
  return { ...rest, metrics: metrics.length > 0 ? metrics : [cpuTarget(DEFAULT_CPU_PERCENT)], ...(behavior ? { behavior } : {}) };
}

/** The annotation knows more than the field, and takes its place. */
function statusV2(status: v1.HorizontalPodAutoscalerStatus | undefined, annotations: Annotations): v2.HorizontalPodAutoscalerStatus {
  const { currentCPUUtilizationPercentage: percent, ...rest } = status ?? { currentReplicas: 0, desiredReplicas: 0 };
  const kept = parsed<readonly v1.MetricStatus[]>(annotations?.[CURRENT_METRICS])?.map(statusFromV1);
  const current = kept ?? (percent === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: percent } } }]);
  const conditions = parsed<v2.HorizontalPodAutoscalerStatus['conditions']>(annotations?.[CONDITIONS]);
  return { ...rest, ...(current.length > 0 ? { currentMetrics: current } : {}), ...(conditions ? { conditions } : {}) };
}

/** Annotations that somebody else has written count for nothing when they cannot be read. */
function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

const withoutKept = (annotations: Annotations): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !KEPT.has(key)));

function withAnnotations(given: KubeObject['metadata'], annotations: Readonly<Record<string, string>>): KubeObject['metadata'] {
  const { annotations: _, ...metadata } = given;
  return Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };
}
