import { checkContainerResourceName } from './resource-names.ts';
import type { Problems } from './problems.ts';
import type { HorizontalPodAutoscaler as AutoscalerV1 } from '#api/generated/autoscaling/v1.ts';
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HPAScalingRules, MetricIdentifier, MetricSpec, MetricTarget } from '#api/generated/autoscaling/v2.ts';
import { dns1123Label, pathSegmentName } from '#api/names.ts';
import { tryParseQuantity } from '#api/quantity.ts';

const MAX_PERIOD_SECONDS = 1800;
const MAX_STABILIZATION_SECONDS = 3600;
const SOURCE_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
/** In the order in which Kubernetes looks at them; the first that is there is checked. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;

export function validateAutoscaler(problems: Problems, { spec }: HorizontalPodAutoscaler, _resource: unknown, old: HorizontalPodAutoscaler | undefined): void {
  if (spec === undefined) return;
  validateScale(problems, spec, old?.spec);
  for (const [i, metric] of (spec.metrics ?? []).entries()) validateMetric(problems, `spec.metrics[${i}]`, metric);
  validateRules(problems, 'spec.behavior.scaleUp', spec.behavior?.scaleUp);
  validateRules(problems, 'spec.behavior.scaleDown', spec.behavior?.scaleDown);
}

export function validateAutoscalerV1(problems: Problems, { spec }: AutoscalerV1, _resource: unknown, old: AutoscalerV1 | undefined): void {
  if (spec === undefined) return;
  validateScale(problems, spec, old?.spec);
  const percent = spec.targetCPUUtilizationPercentage;
  if (percent !== undefined && percent < 1) problems.invalid('spec.metrics[0].resource.target.averageUtilization', percent, 'must be greater than 0');
}

export function validateAutoscalerStatus(problems: Problems, { status }: HorizontalPodAutoscaler): void {
  problems.atLeast('status.currentReplicas', status?.currentReplicas, 0);
  problems.atLeast('status.desiredReplicas', status?.desiredReplicas, 0);
}

type Scale = Pick<Spec, 'minReplicas' | 'maxReplicas' | 'scaleTargetRef'>;

function validateScale(problems: Problems, { minReplicas, maxReplicas = 0, scaleTargetRef }: Scale, old: Scale | undefined): void {
  problems.atLeast('spec.minReplicas', minReplicas, 1);
  if (maxReplicas === 0) problems.required('spec.maxReplicas', 'must be set and greater than 0');
  problems.atLeast('spec.maxReplicas', maxReplicas === 0 ? undefined : maxReplicas, 1);
  if (minReplicas !== undefined && maxReplicas < minReplicas) problems.invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`');
  checkReference(problems, 'spec.scaleTargetRef', scaleTargetRef);
  checkTargetVersion(problems, scaleTargetRef, old?.scaleTargetRef);
}

/** What scales has a group, but for one kind. What older versions let in may stay. */
function checkTargetVersion(problems: Problems, { kind, apiVersion = '' }: Partial<CrossVersionObjectReference> = {}, old: CrossVersionObjectReference | undefined): void {
  const fault = versionFault(apiVersion) ?? (kind === 'ReplicationController' || apiVersion.includes('/') ? undefined : 'apiVersion must specify API group');
  if (fault !== undefined && (old === undefined || (old.apiVersion ?? '') !== apiVersion)) problems.invalid('spec.scaleTargetRef.apiVersion', apiVersion, fault);
}

const versionFault = (apiVersion: string): string | undefined => (apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined);

function checkReference(problems: Problems, field: string, reference: CrossVersionObjectReference | undefined): void {
  problems.checkRequired(`${field}.kind`, reference?.kind, pathSegmentName);
  problems.checkRequired(`${field}.name`, reference?.name, pathSegmentName);
}

function validateMetric(problems: Problems, field: string, metric: MetricSpec): void {
  if (!metric.type) problems.required(`${field}.type`, 'must specify a metric source type');
  if (!SOURCE_TYPES.includes(metric.type)) problems.notSupported(`${field}.type`, metric.type ?? '', SOURCE_TYPES);
  const present = SOURCES.filter((name) => metric[name] !== undefined);
  if (present[0] !== undefined) validateSource(problems, `${field}.${present[0]}`, metric, present[0]);
  const expected = SOURCES.find((name) => name.toLowerCase() === metric.type?.toLowerCase());
  if (expected === undefined) problems.notSupported(`${field}.type`, metric.type ?? '', SOURCE_TYPES);
  else if (metric[expected] === undefined) problems.required(`${field}.${expected}`, 'must populate information for the given metric source');
  if (present.length === 1) return;
  for (const name of present) if (name !== expected) problems.forbidden(`${field}.${name}`, 'must populate the given metric source only');
}

function validateSource(problems: Problems, field: string, metric: MetricSpec, source: typeof SOURCES[number]): void {
  const target: Partial<MetricTarget> = metric[source]?.target ?? {};
  if (source === 'object') {
    const { describedObject } = metric.object ?? {};
    checkReference(problems, `${field}.describedObject`, describedObject);
    const fault = versionFault(describedObject?.apiVersion ?? '');
    if (fault !== undefined) problems.invalid(`${field}.describedObject.apiVersion`, describedObject?.apiVersion, fault);
  }
  if (source === 'containerResource') {
    checkResource(problems, field, metric.containerResource?.name);
    if (!metric.containerResource?.container) problems.required(`${field}.container`, 'must specify a container');
    else problems.check(`${field}.container`, metric.containerResource.container, dns1123Label);
  } else if (source === 'resource') {
    if (!metric.resource?.name) problems.required(`${field}.name`, 'must specify a resource name');
  } else checkMetricName(problems, `${field}.metric`, metric[source]?.metric);
  validateTarget(problems, `${field}.target`, target);
  checkGoal(problems, `${field}.target`, target, source);
}

function checkResource(problems: Problems, field: string, name: string | undefined): void {
  if (!name) problems.required(`${field}.name`, 'must specify a resource name');
  else checkContainerResourceName(problems, `${field}.name`, name);
}

function checkMetricName(problems: Problems, field: string, metric: MetricIdentifier | undefined): void {
  if (!metric?.name) problems.required(`${field}.name`, 'must specify a metric name');
  else problems.check(`${field}.name`, metric.name, pathSegmentName);
}

/** What each kind of source must be compared with. */
function checkGoal(problems: Problems, field: string, { value, averageValue, averageUtilization }: Partial<MetricTarget>, source: typeof SOURCES[number]): void {
  if (source === 'pods') {
    if (averageValue === undefined) problems.required(`${field}.averageValue`, 'must specify a positive target averageValue');
  } else if (source === 'object') {
    if (value === undefined && averageValue === undefined) problems.required(`${field}.averageValue`, 'must set either a target value or averageValue');
  } else if (source === 'external') {
    if (value === undefined && averageValue === undefined) problems.required(`${field}.averageValue`, 'must set either a target value for metric or a per-pod target');
    if (value !== undefined && averageValue !== undefined) problems.forbidden(`${field}.value`, 'may not set both a target value for metric and a per-pod target');
  } else {
    if (averageUtilization === undefined && averageValue === undefined) problems.required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization');
    if (averageUtilization !== undefined && averageValue !== undefined) problems.forbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization');
  }
}

function validateTarget(problems: Problems, field: string, target: Partial<MetricTarget>): void {
  if (!target.type) problems.required(`${field}.type`, 'must specify a metric target type');
  if (!['Utilization', 'Value', 'AverageValue'].includes(target.type ?? '')) problems.invalid(`${field}.type`, target.type ?? '', 'must be either Utilization, Value, or AverageValue');
  for (const name of ['value', 'averageValue'] as const) {
    const amount = target[name];
    if (amount !== undefined && (tryParseQuantity(amount)?.nanos ?? 0n) <= 0n) problems.invalid(`${field}.${name}`, amount, 'must be positive');
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) problems.invalid(`${field}.averageUtilization`, target.averageUtilization, 'must be greater than 0');
}

function validateRules(problems: Problems, field: string, rules: HPAScalingRules | undefined): void {
  if (rules === undefined) return;
  const seconds = rules.stabilizationWindowSeconds;
  if (seconds !== undefined && seconds < 0) problems.invalid(`${field}.stabilizationWindowSeconds`, seconds, 'must be greater than or equal to zero');
  if (seconds !== undefined && seconds > MAX_STABILIZATION_SECONDS) problems.invalid(`${field}.stabilizationWindowSeconds`, seconds, `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`);
  if (rules.selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(rules.selectPolicy)) problems.notSupported(`${field}.selectPolicy`, rules.selectPolicy, ['Disabled', 'Max', 'Min']);
  if (rules.tolerance !== undefined && (tryParseQuantity(rules.tolerance)?.nanos ?? 0n) < 0n) problems.invalid(`${field}.tolerance`, rules.tolerance, 'must be greater or equal to zero');
  if ((rules.policies ?? []).length === 0) problems.required(`${field}.policies`, 'must specify at least one Policy');
  for (const [i, policy] of (rules.policies ?? []).entries()) {
    const path = `${field}.policies[${i}]`;
    if (policy.type !== 'Pods' && policy.type !== 'Percent') problems.notSupported(`${path}.type`, policy.type ?? '', ['Percent', 'Pods']);
    for (const name of ['value', 'periodSeconds'] as const) if ((policy[name] ?? 0) <= 0) problems.invalid(`${path}.${name}`, policy[name] ?? 0, 'must be greater than zero');
    if (policy.periodSeconds > MAX_PERIOD_SECONDS) problems.invalid(`${path}.periodSeconds`, policy.periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`);
  }
}
