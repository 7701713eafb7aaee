import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { planPod, type PlanInput, type PodAction } from '#agents/node/pods/pod-plan.ts';
import type { RuntimeContainer, RuntimeSandbox } from '#agents/node/runtime/container-runtime.ts';

const sandbox = (own: Partial<RuntimeSandbox> = {}): RuntimeSandbox =>
  ({ id: 's0', podUid: 'u', podName: 'p', podNamespace: 'd', attempt: 0, isReady: true, createdAt: 1, ...own });
const container = (name: string, own: Partial<RuntimeContainer> = {}): RuntimeContainer => ({
  id: `${name}-${own.attempt ?? 0}`, sandboxId: 's0', podUid: 'u', name, attempt: 0, state: 'running', createdAt: 2, startedAt: 3, finishedAt: 0, exitCode: 0,
  reason: '', message: '', imageId: '', logPath: '', annotations: {}, ...own,
});
const podOf = (spec: Partial<Pod['spec']> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'main', image: 'i' }], ...spec } });
const plan = (own: Partial<PlanInput>) => planPod({
  pod: podOf(), view: { sandboxes: [sandbox()], containers: [] }, now: 1000, restarts: new Map(), isUnhealthy: () => false, isStarted: () => true,
  readyAt: (_, endedAt) => endedAt, ...own,
});
const words = (actions: readonly PodAction[]): readonly string[] => actions.map((a) =>
  a.kind === 'start' ? `start ${a.container.name} ${a.attempt}` : a.kind === 'kill' ? `kill ${a.target.id} ${a.why}` : a.kind === 'create-sandbox' ? `sandbox ${a.attempt}` : `stop ${a.sandboxId}`);

test('a sandbox first, then the containers', (t) => {
  t.deepEqual(words(plan({ view: { sandboxes: [], containers: [] } }).actions), ['sandbox 0']);
  t.deepEqual(words(plan({}).actions), ['start main 0']);
  t.deepEqual(words(plan({ view: { sandboxes: [sandbox()], containers: [container('main')] } }).actions), []);
});

test('a sandbox that died is replaced, and its containers are started anew with a higher count', (t) => {
  const dead = sandbox({ isReady: false });
  t.deepEqual(words(plan({ view: { sandboxes: [dead], containers: [container('main', { state: 'exited', finishedAt: 9 })] } }).actions), ['stop s0', 'sandbox 1']);
  const next = sandbox({ id: 's1', attempt: 1 });
  t.deepEqual(words(plan({ view: { sandboxes: [dead, next], containers: [container('main', { state: 'exited', finishedAt: 9 })] } }).actions), ['start main 1']);
});

test('restart policies', (t) => {
  const ended = (exitCode: number) => ({ sandboxes: [sandbox()], containers: [container('main', { state: 'exited', exitCode, finishedAt: 9 })] });
  t.deepEqual(words(plan({ view: ended(0) }).actions), ['start main 1']);
  t.is(plan({ pod: podOf({ restartPolicy: 'OnFailure' }), view: ended(0) }).outcome, 'Succeeded');
  t.deepEqual(words(plan({ pod: podOf({ restartPolicy: 'OnFailure' }), view: ended(1) }).actions), ['start main 1']);
  t.is(plan({ pod: podOf({ restartPolicy: 'Never' }), view: ended(1) }).outcome, 'Failed');
});

test('a container is held back until its time', (t) => {
  const view = { sandboxes: [sandbox()], containers: [container('main', { state: 'exited', exitCode: 1, finishedAt: 900 })] };
  const held = plan({ view, readyAt: (_, endedAt) => endedAt + 10_000 });
  t.deepEqual(held.actions, []);
  t.is(held.heldBack.get('main'), 10_900);
});

test('init containers one after another; a sidecar is waited for only until it is up', (t) => {
  const pod = podOf({ initContainers: [{ name: 'a' }, { name: 'side', restartPolicy: 'Always' }, { name: 'b' }] });
  const view = (...containers: readonly RuntimeContainer[]) => ({ sandboxes: [sandbox()], containers });
  const doneA = container('a', { state: 'exited', finishedAt: 5 });
  t.deepEqual(words(plan({ pod, view: view() }).actions), ['start a 0']);
  t.deepEqual(words(plan({ pod, view: view(container('a')) }).actions), []);
  t.deepEqual(words(plan({ pod, view: view(doneA) }).actions), ['start side 0']);
  t.deepEqual(words(plan({ pod, view: view(doneA, container('side')), isStarted: () => false }).actions), []);
  t.deepEqual(words(plan({ pod, view: view(doneA, container('side')) }).actions), ['start b 0']);
  t.deepEqual(words(plan({ pod, view: view(doneA, container('side'), container('b', { state: 'exited', finishedAt: 6 })) }).actions), ['start main 0']);
});

test('sidecars end when the main containers have', (t) => {
  const pod = podOf({ restartPolicy: 'Never', initContainers: [{ name: 'side', restartPolicy: 'Always' }] });
  const done = plan({ pod, view: { sandboxes: [sandbox()], containers: [container('side'), container('main', { state: 'exited', finishedAt: 9 })] } });
  t.is(done.outcome, 'Succeeded');
  t.deepEqual(words(done.actions), ['kill side-0 finished']);
});

test('what is unhealthy, or was made from another image, is killed', (t) => {
  const view = { sandboxes: [sandbox()], containers: [container('main')] };
  t.deepEqual(words(plan({ view, isUnhealthy: () => true }).actions), ['kill main-0 unhealthy']);
  const old = { sandboxes: [sandbox()], containers: [container('main', { annotations: { 'headway.dev/container-hash': 'other' } })] };
  t.deepEqual(words(plan({ view: old }).actions), ['kill main-0 changed']);
});
