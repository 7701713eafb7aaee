import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { HealthStatus } from '#sync/health/health.ts';
import { healthOf } from '#sync/health/rules.ts';

const resource = (kind: string) => {
  const found = BUILT_IN_RESOURCES.find((r) => r.kind === kind);
  if (!found) throw new Error(`no kind ${kind}`);
  return found;
};
const waiting = (reason: string): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1' },
  status: { phase: 'Pending', containerStatuses: [{ name: 'web', state: { waiting: { reason, message: 'registry.invalid/web:1 not found' } } }] },
}) as unknown as Pod;

interface Case { readonly name: string; readonly kind: string; readonly object: object; readonly pods?: readonly Pod[]; readonly expected: HealthStatus; readonly message?: RegExp }
const cases: readonly Case[] = [
  { name: 'an available Deployment', kind: 'Deployment', object: { spec: { replicas: 2 }, status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 } }, expected: 'Healthy' },
  { name: 'a Deployment with nothing to run', kind: 'Deployment', object: { spec: { replicas: 0 }, status: { observedGeneration: 1 } }, expected: 'Healthy' },
  { name: 'a Deployment not yet seen by its controller', kind: 'Deployment', object: { spec: { replicas: 2 }, status: { observedGeneration: 0, updatedReplicas: 2, availableReplicas: 2 } }, expected: 'Progressing' },
  { name: 'a Deployment amid its rollout', kind: 'Deployment', object: { spec: { replicas: 2 }, status: { observedGeneration: 1, replicas: 3, updatedReplicas: 1, availableReplicas: 2 } }, expected: 'Progressing', message: /1 of 2/ },
  { name: 'a Deployment whose image is missing', kind: 'Deployment', object: { spec: { replicas: 2 }, status: { observedGeneration: 1, replicas: 3, updatedReplicas: 1, availableReplicas: 2 } }, pods: [waiting('ImagePullBackOff')], expected: 'Degraded', message: /pod web-1: container web: ImagePullBackOff: registry.invalid/ },
  { name: 'a Deployment past its deadline', kind: 'Deployment', object: { spec: { replicas: 1 }, status: { observedGeneration: 1, conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' }] } }, expected: 'Degraded' },
  { name: 'a Pod whose container is being created', kind: 'Pod', object: { status: { phase: 'Pending', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ContainerCreating' } } }] } }, expected: 'Progressing' },
  { name: 'a Pod in a crash loop', kind: 'Pod', object: { status: { phase: 'Running', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } }] } }, expected: 'Degraded' },
  { name: 'a ready Pod', kind: 'Pod', object: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, expected: 'Healthy' },
  { name: 'a complete Job', kind: 'Job', object: { status: { conditions: [{ type: 'Complete', status: 'True' }] } }, expected: 'Healthy' },
  { name: 'a failed Job', kind: 'Job', object: { status: { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] } }, expected: 'Degraded' },
  { name: 'a suspended Job', kind: 'Job', object: { spec: { suspend: true } }, expected: 'Suspended' },
  { name: 'a StatefulSet that waits for a replica', kind: 'StatefulSet', object: { spec: { replicas: 2 }, status: { observedGeneration: 1, readyReplicas: 1 } }, expected: 'Progressing' },
  { name: 'a DaemonSet on all its nodes', kind: 'DaemonSet', object: { status: { observedGeneration: 1, desiredNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 2 } }, expected: 'Healthy' },
  { name: 'a ReplicaSet with too few replicas', kind: 'ReplicaSet', object: { spec: { replicas: 1 }, status: { observedGeneration: 1 } }, expected: 'Progressing' },
  { name: 'a Service with an address', kind: 'Service', object: { spec: { clusterIP: '10.96.0.5' } }, expected: 'Healthy' },
  { name: 'a LoadBalancer without an address', kind: 'Service', object: { spec: { type: 'LoadBalancer', clusterIP: '10.96.0.5' } }, expected: 'Progressing' },
  { name: 'a lost claim', kind: 'PersistentVolumeClaim', object: { status: { phase: 'Lost' } }, expected: 'Degraded' },
  { name: 'an Ingress of a class without address', kind: 'Ingress', object: { spec: { ingressClassName: 'x' } }, expected: 'Progressing' },
  { name: 'a ConfigMap', kind: 'ConfigMap', object: {}, expected: 'Healthy' },
];
for (const { name, kind, object, pods = [], expected, message } of cases) {
  test(`${name} is ${expected}`, (t) => {
    const whole = { apiVersion: 'x', kind, metadata: { name: 'web', generation: 1 }, ...object } as KubeObject;
    const health = healthOf(resource(kind), whole, { pods });
    t.is(health.status, expected, health.message);
    if (message) t.regex(health.message, message);
  });
}

test('an object that is not there is Missing, one that goes away is Progressing', (t) => {
  t.is(healthOf(resource('ConfigMap'), undefined, { pods: [] }).status, 'Missing');
  const leaving = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' } };
  t.is(healthOf(resource('ConfigMap'), leaving, { pods: [] }).status, 'Progressing');
});
