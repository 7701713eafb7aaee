import test from 'ava';
import type { Pod, PodSpec } from '#api/generated/core/v1.ts';
import { DURATION_ANNOTATION, durationOf, isReported, overdueStatus, runningStatus, succeededStatus } from '#agents/simulated/pod-status.ts';

const PLACE = { podIP: '10.200.0.1', hostIP: '10.208.0.0', nowMs: Date.parse('2026-01-01T00:00:00Z') };
const pod = (spec: Partial<PodSpec> = {}, annotations: Readonly<Record<string, string>> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u', annotations }, spec: { containers: [{ name: 'c', image: 'app' }], ...spec },
});

for (const [text, ms] of [['500ms', 500], ['1.5s', 1500], ['2m', 120_000], ['1h', 3_600_000]] as const) {
  test(`a duration of ${text} is ${ms} ms`, (t) => t.is(durationOf(pod({ restartPolicy: 'Never' }, { [DURATION_ANNOTATION]: text })), ms));
}

test('pods that are always restarted, or say nothing, run for ever', (t) => {
  t.is(durationOf(pod({ restartPolicy: 'Always' }, { [DURATION_ANNOTATION]: '1s' })), undefined);
  t.is(durationOf(pod({ restartPolicy: 'Never' })), undefined);
});

test('a pod of a Job that says nothing ends after a second; what it says goes first', (t) => {
  const ofJob = (annotations?: Readonly<Record<string, string>>): Pod => {
    const plain = pod({ restartPolicy: 'OnFailure' }, annotations);
    return { ...plain, metadata: { ...plain.metadata, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'v', controller: true }] } };
  };
  t.is(durationOf(ofJob()), 1_000);
  t.is(durationOf(ofJob({ [DURATION_ANNOTATION]: '5m' })), 300_000);
});

test('a duration that cannot be read is refused by name', (t) => {
  t.throws(() => durationOf(pod({ restartPolicy: 'Never' }, { [DURATION_ANNOTATION]: 'soon' })), { instanceOf: RangeError, message: /headway\.dev\/simulated-duration: "soon"/ });
});

test('a running pod is ready, has its address and runs its containers', (t) => {
  const status = runningStatus(pod({ initContainers: [{ name: 'i', image: 'init' }] }), PLACE);
  t.like(status, { phase: 'Running', podIP: '10.200.0.1', hostIP: '10.208.0.0', startTime: '2026-01-01T00:00:00Z' });
  t.is(status.conditions?.find((c) => c.type === 'Ready')?.status, 'True');
  t.true(status.containerStatuses?.every((c) => c.ready && c.state?.running !== undefined));
  t.is(status.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 0);
  t.is(runningStatus(pod({ hostNetwork: true }), PLACE).podIP, '10.208.0.0');
});

test('a readiness gate that is not met keeps the pod from being ready', (t) => {
  const gated = pod({ readinessGates: [{ conditionType: 'example.com/ready' }] });
  const unready = runningStatus(gated, PLACE);
  t.true(isReported({ ...gated, status: unready }));
  t.like(unready.conditions?.find((c) => c.type === 'Ready'), { status: 'False', reason: 'ReadinessGatesNotReady' });
  t.false(isReported({ ...gated, status: { ...unready, conditions: [...(unready.conditions ?? []), { type: 'example.com/ready', status: 'True' }] } }));
});

test('an ephemeral container that is added runs, and is reported', (t) => {
  const debugged = { ...pod({ ephemeralContainers: [{ name: 'debug', image: 'tools' }] }), status: runningStatus(pod(), PLACE) };
  t.false(isReported(debugged));
  const status = runningStatus(debugged, PLACE);
  t.truthy(status.ephemeralContainerStatuses?.[0]?.state?.running);
  t.true(isReported({ ...debugged, status }));
});

test('a pod that is over its deadline has failed', (t) => {
  const status = overdueStatus(pod({ activeDeadlineSeconds: 1 }), PLACE.nowMs);
  t.like(status, { phase: 'Failed', reason: 'DeadlineExceeded' });
  t.is(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 137);
});

test('a pod that succeeded has ended containers', (t) => {
  const status = succeededStatus(pod(), PLACE.nowMs);
  t.is(status.phase, 'Succeeded');
  t.is(status.containerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
  t.true(status.conditions?.every((c) => c.status === 'False'));
});
