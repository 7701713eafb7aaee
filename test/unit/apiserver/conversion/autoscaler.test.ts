import test from 'ava';
import type { HorizontalPodAutoscaler } from '#api/generated/autoscaling/v2.ts';
import { toAutoscalerV1, toAutoscalerV2 } from '#apiserver/conversion/autoscaler.ts';

const FULL: HorizontalPodAutoscaler = {
  apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'default', annotations: { mine: 'kept' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, minReplicas: 2, maxReplicas: 9,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
      { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } },
      { type: 'Object', object: { describedObject: { kind: 'Ingress', name: 'i' }, target: { type: 'Value', value: '5' }, metric: { name: 'hits', selector: { matchLabels: { a: 'b' } } } } },
      { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '3' } } },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }] } },
  },
  status: {
    currentReplicas: 3, desiredReplicas: 4, conditions: [{ type: 'AbleToScale', status: 'True' }],
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 66, averageValue: '200m' } } }],
  },
};

test('v1 shows the target of the processor, and keeps the rest in annotations', (t) => {
  const v1 = toAutoscalerV1(FULL) as typeof FULL;
  t.like(v1, { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 70, minReplicas: 2, maxReplicas: 9 }, status: { currentCPUUtilizationPercentage: 66 } } as object);
  t.is((v1.spec as { metrics?: unknown }).metrics, undefined);
  const annotations = v1.metadata.annotations ?? {};
  t.deepEqual(Object.keys(annotations).toSorted(), [
    'autoscaling.alpha.kubernetes.io/behavior', 'autoscaling.alpha.kubernetes.io/conditions', 'autoscaling.alpha.kubernetes.io/current-metrics', 'autoscaling.alpha.kubernetes.io/metrics', 'mine',
  ]);
  t.like(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/metrics'] ?? '') as object[], [{ type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } }, { type: 'Pods', pods: { metricName: 'requests', targetAverageValue: '10' } }]);
  t.like(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/behavior'] ?? ''), { ScaleUp: null, ScaleDown: { StabilizationWindowSeconds: 60, Policies: [{ Type: 'Percent', Value: 50, PeriodSeconds: 15 }] } });
});

test('a way there and back changes nothing', (t) => {
  t.deepEqual(toAutoscalerV2(toAutoscalerV1(FULL)), FULL);
});

test('an autoscaler of v1 without a target aims at 80 percent of the processor', (t) => {
  const v1 = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'a' }, spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 3 } };
  t.deepEqual((toAutoscalerV2(v1) as HorizontalPodAutoscaler).spec.metrics, [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]);
});

test('annotations that cannot be read count for nothing', (t) => {
  const v1 = {
    apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'a', annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{' } },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 3, targetCPUUtilizationPercentage: 10 },
  };
  const v2 = toAutoscalerV2(v1) as HorizontalPodAutoscaler;
  t.is(v2.spec.metrics?.length, 1);
  t.is(v2.metadata.annotations, undefined);
});
