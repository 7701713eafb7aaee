import test from 'ava';
import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { firstStatus, keptStatus } from '#apiserver/registry/core/pod-status.ts';

const NOW = '2026-01-01T00:00:00Z';
const pod = (more: object = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } });
const condition = (type: string, observedGeneration?: number) => ({ type, status: 'True', ...(observedGeneration === undefined ? {} : { observedGeneration }) });

test('a pod with gates says from the start that it waits for them', (t) => {
  t.deepEqual(firstStatus(pod(), NOW), { phase: 'Pending', qosClass: 'BestEffort' });
  t.deepEqual(firstStatus(pod({ schedulingGates: [{ name: 'a/b' }] }), NOW).conditions, [
    { type: 'PodScheduled', status: 'False', lastTransitionTime: NOW, reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' },
  ]);
});

const live: PodStatus = { qosClass: 'Guaranteed', observedGeneration: 3, conditions: [condition('Ready', 2), condition('Ready', 3)] };
for (const [what, status, kept] of [
  ['a writer that knows nothing of it', { phase: 'Running', conditions: [condition('Ready'), condition('Ready'), condition('Other')] }, { phase: 'Running', qosClass: 'Guaranteed', observedGeneration: 3, conditions: [condition('Ready', 2), condition('Ready', 3), condition('Other')] }],
  ['zeroes', { observedGeneration: 0 }, { qosClass: 'Guaranteed', observedGeneration: 3 }],
  ['a writer that says it', { observedGeneration: 4, conditions: [condition('Ready', 4)] }, { qosClass: 'Guaranteed', observedGeneration: 4, conditions: [condition('Ready', 4)] }],
] as const) {
  test(`the class and the generations of a status stay: ${what}`, (t) => {
    t.deepEqual(keptStatus(status as PodStatus, live), kept as PodStatus);
  });
}
