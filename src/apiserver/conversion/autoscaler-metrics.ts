import type * as v1 from '#api/generated/autoscaling/v1.ts';
import type * as v2 from '#api/generated/autoscaling/v2.ts';

/** Without members that are undefined. */
const given = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

export function specToV1({ type, object, pods, resource, containerResource, external }: v2.MetricSpec): v1.MetricSpec {
  return given({
    type: type as v1.MetricSpec['type'],
    object: object && given({ target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? '0', selector: object.metric.selector, averageValue: object.target.averageValue }),
    pods: pods && given({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? '0', selector: pods.metric.selector }),
    resource: resource && given({ name: resource.name, targetAverageUtilization: resource.target.averageUtilization, targetAverageValue: resource.target.averageValue }),
    containerResource: containerResource && given({
      name: containerResource.name, targetAverageUtilization: containerResource.target.averageUtilization, targetAverageValue: containerResource.target.averageValue, container: containerResource.container,
    }),
    external: external && given({ metricName: external.metric.name, metricSelector: external.metric.selector, targetValue: external.target.value, targetAverageValue: external.target.averageValue }),
  });
}

export function specFromV1({ type, object, pods, resource, containerResource, external }: v1.MetricSpec): v2.MetricSpec {
  return given({
    type,
    object: object && { describedObject: object.target, target: objectTarget(object), metric: given({ name: object.metricName, selector: object.selector }) },
    pods: pods && { metric: given({ name: pods.metricName, selector: pods.selector }), target: { type: 'AverageValue', averageValue: pods.targetAverageValue } },
    resource: resource && { name: resource.name, target: resourceTarget(resource) },
    containerResource: containerResource && { name: containerResource.name, target: resourceTarget(containerResource), container: containerResource.container },
    external: external && {
      metric: given({ name: external.metricName, selector: external.metricSelector }),
      target: given({ type: external.targetValue === undefined ? 'AverageValue' : 'Value', value: external.targetValue, averageValue: external.targetAverageValue }),
    },
  });
}

const objectTarget = ({ targetValue, averageValue }: v1.ObjectMetricSource): v2.MetricTarget =>
  (averageValue === undefined ? { type: 'Value', value: targetValue } : { type: 'AverageValue', averageValue });

const resourceTarget = ({ targetAverageUtilization, targetAverageValue }: v1.ResourceMetricSource): v2.MetricTarget =>
  given({ type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization', averageUtilization: targetAverageUtilization, averageValue: targetAverageValue });

export function statusToV1({ type, object, pods, resource, containerResource, external }: v2.MetricStatus): v1.MetricStatus {
  return given({
    type: type as v1.MetricStatus['type'],
    object: object && given({ target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? '0', selector: object.metric.selector, averageValue: object.current.averageValue }),
    pods: pods && given({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? '0', selector: pods.metric.selector }),
    resource: resource && given({ name: resource.name, currentAverageUtilization: resource.current.averageUtilization, currentAverageValue: resource.current.averageValue ?? '0' }),
    containerResource: containerResource && given({
      name: containerResource.name, currentAverageUtilization: containerResource.current.averageUtilization, currentAverageValue: containerResource.current.averageValue ?? '0', container: containerResource.container,
    }),
    external: external && given({ metricName: external.metric.name, metricSelector: external.metric.selector, currentValue: external.current.value ?? '0', currentAverageValue: external.current.averageValue }),
  });
}

export function statusFromV1({ type, object, pods, resource, containerResource, external }: v1.MetricStatus): v2.MetricStatus {
  return given({
    type,
    object: object && { metric: given({ name: object.metricName, selector: object.selector }), current: given({ value: object.currentValue, averageValue: object.averageValue }), describedObject: object.target },
    pods: pods && { metric: given({ name: pods.metricName, selector: pods.selector }), current: { averageValue: pods.currentAverageValue } },
    resource: resource && { name: resource.name, current: given({ averageUtilization: resource.currentAverageUtilization, averageValue: resource.currentAverageValue }) },
    containerResource: containerResource && {
      name: containerResource.name, current: given({ averageUtilization: containerResource.currentAverageUtilization, averageValue: containerResource.currentAverageValue }), container: containerResource.container,
    },
    external: external && { metric: given({ name: external.metricName, selector: external.metricSelector }), current: given({ value: external.currentValue, averageValue: external.currentAverageValue }) },
  });
}
