import test from 'ava';
import { systemClock, type Clock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { Event, Pod } from '#api/generated/core/v1.ts';
import { PODS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiRequest, ApiResponse, WatchEvent } from '#api/transport.ts';
import { createClient } from '#client/create-client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Transport } from '#client/transport.ts';
import { planClaims } from '#controller/claim.ts';
import { withCondition } from '#controller/conditions.ts';
import { createEventRecorder } from '#controller/create-event-recorder.ts';
import { Expectations } from '#controller/expectations.ts';
import { slowStart } from '#controller/slow-start.ts';
import { startController } from '#controller/start-controller.ts';
import type { QueueJob, WorkQueue } from '#queue/work-queue.ts';

const pod = (name: string, metadata: Partial<Pod['metadata']> = {}, version = '1'): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, uid: name, resourceVersion: version, ...metadata }, spec: { containers: [] } });
const ownedBy = (uid: string) => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid, controller: true }] });

test('a condition keeps its transition time while its status stays, and an equal one changes nothing', (t) => {
  const first = withCondition([], { type: 'Ready', status: 'True', reason: 'A', message: '', lastTransitionTime: 't1' });
  t.is(withCondition(first, { type: 'Ready', status: 'True', reason: 'A', message: '', lastTransitionTime: 't2' }), first);
  t.is(withCondition(first, { type: 'Ready', status: 'True', reason: 'B', message: '', lastTransitionTime: 't2' })[0]?.lastTransitionTime, 't1');
  t.is(withCondition(first, { type: 'Ready', status: 'False', reason: 'B', message: '', lastTransitionTime: 't2' })[0]?.lastTransitionTime, 't2');
});

test('an owner waits for its own writes to show, but not for ever', (t) => {
  let nowMs = 0;
  const expectations = new Expectations({ ...systemClock, monotonic: () => nowMs } satisfies Clock);
  expectations.expect('default/rs', '+default/a');
  expectations.expect('default/rs', '-b');
  expectations.observe('+default/a');
  expectations.observe('+default/unknown');
  t.is(expectations.waitMs('default/rs'), 30_000);
  t.is(expectations.waitMs('default/other'), 0);
  nowMs = 30_000;
  t.is(expectations.waitMs('default/rs'), 0);
});

test('an owner claims orphans that it selects, lets go of what it no longer selects, and touches nobody else', (t) => {
  const owner = pod('rs');
  const plan = planClaims(owner, (labels) => labels?.['app'] === 'web', [
    pod('own', { labels: { app: 'web' }, ...ownedBy('rs') }), pod('orphan', { labels: { app: 'web' } }), pod('left', ownedBy('rs')),
    pod('foreign', { labels: { app: 'web' }, ...ownedBy('other') }), pod('dying', { labels: { app: 'web' }, deletionTimestamp: 'x' }), pod('unrelated'),
  ]);
  const names = (pods: readonly Pod[]): readonly string[] => pods.map((p) => p.metadata.name);
  t.deepEqual([names(plan.own), names(plan.adopt), names(plan.release)], [['own'], ['orphan'], ['left']]);
});

test('a slow start stops after the first batch that fails', async (t) => {
  const started: number[] = [];
  await t.throwsAsync(slowStart([1, 2, 3, 4, 5], async (i) => {
    started.push(i);
    if (i === 2) throw new Error('quota');
  }), { message: 'quota' });
  t.deepEqual(started, [1, 2, 3]);
});

/** Answers with what `answer` gives, and remembers the requests. */
function recording(answer: (request: ApiRequest) => ApiResponse | Promise<ApiResponse>, watch?: () => AsyncIterable<WatchEvent>) {
  const requests: ApiRequest[] = [];
  const transport: Transport = {
    async request(request) {
      requests.push(request);
      return answer(request);
    },
    watch: watch ?? (async function* () {}),
    close() {},
  };
  return { client: createClient(transport), requests };
}
const until = async (condition: () => boolean): Promise<void> => {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in 5 s');
    await systemClock.sleep(1);
  }
};

test('repeats of an event raise the count of one object, and share writes', async (t) => {
  const { client, requests } = recording(({ method, body }) => ({ status: 200, body: method === 'POST' ? body : { metadata: { namespace: 'default', name: 'e' } } }));
  const recorder = createEventRecorder({ client, component: 'c', clock: systemClock, log: silentLogger });
  for (let i = 0; i < 10; i++) recorder.event(pod('a'), { type: 'Warning', reason: 'Failed', message: 'no' });
  recorder.event(pod('a'), { type: 'Normal', reason: 'Other', message: '' });
  await until(() => requests.some((r) => (r.body as Event).count === 10) && requests.some((r) => (r.body as Event).reason === 'Other'));
  const created = requests.filter((r) => r.method === 'POST').map((r) => r.body as Event);
  t.deepEqual(created.map((e) => [e.reason, e.involvedObject.name, e.source?.component]), [['Failed', 'a', 'c'], ['Other', 'a', 'c']]);
  t.true(requests.length <= 3, `${requests.length} writes`);
});

test('a counted event that has expired begins a new one', async (t) => {
  let creates = 0;
  const { client } = recording(({ method, body }) => {
    if (method === 'PATCH') return { status: 404, body: new StatusError('NotFound', 'gone').data.status };
    creates++;
    return { status: 201, body };
  });
  const recorder = createEventRecorder({ client, component: 'c', clock: systemClock, log: silentLogger });
  recorder.event(pod('a'), { type: 'Normal', reason: 'R', message: '' });
  await until(() => creates === 1);
  recorder.event(pod('a'), { type: 'Normal', reason: 'R', message: '' });
  await until(() => creates === 2);
  t.is(creates, 2);
});

test('a controller enqueues keys of old and new objects, and works only when its informers are synced', async (t) => {
  const list = Promise.withResolvers<ApiResponse>();
  const { client } = recording(() => list.promise, async function* () {
    yield { type: 'MODIFIED', object: pod('a', ownedBy('new'), '2') };
    await new Promise(() => {});
  });
  const informers = createInformerFactory({ client, log: silentLogger, clock: systemClock });
  const added: string[] = [];
  let handler: ((job: QueueJob) => Promise<object>) | undefined;
  const queue: WorkQueue = {
    name: 'c',
    add: async (key) => void added.push(key),
    isWaiting: () => false,
    process: (h) => {
      handler = h;
    },
    close: async () => {},
  };
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const definition = {
    name: 'c', concurrency: 1,
    build: () => ({
      reconciler: { reconcile: async (key: string) => ({ requeueAfterMs: key.length }) },
      triggers: [{ informer: informers.informer(PODS), keysOf: (p: Pod) => (p.metadata.ownerReferences ?? []).map((o) => o.name) }],
    }),
  };
  const dependencies = { client, informers, clock: systemClock, log: silentLogger, events: { event() {} }, randomSuffix: () => 'x' };
  startController(definition, dependencies, { create: () => queue, close: async () => {} });
  informers.start(stop.signal);
  t.is(handler, undefined);
  list.resolve({ status: 200, body: { metadata: { resourceVersion: '1' }, items: [pod('a', ownedBy('old'))] } });
  await until(() => added.length === 3 && handler !== undefined);
  t.deepEqual(added, ['old', 'new', 'old']);
  t.deepEqual(await handler?.({ key: 'abc', failures: 0, signal: stop.signal }), { requeueAfterMs: 3 });
});

test('a key with nothing to do makes no job, unless it waits already, and is looked at again before it is reconciled', async (t) => {
  const { client } = recording(() => ({ status: 200, body: { metadata: { resourceVersion: '1' }, items: [pod('done'), pod('waits'), pod('due'), pod('odd')] } }));
  const informers = createInformerFactory({ client, log: silentLogger, clock: systemClock });
  const [added, reconciled, due]: [string[], string[], Set<string>] = [[], [], new Set(['due'])];
  let handler: ((job: QueueJob) => Promise<object>) | undefined;
  const queue: WorkQueue = { name: 'c', add: async (key) => void added.push(key), isWaiting: (key) => key === 'waits', process: (h) => void (handler = h), close: async () => {} };
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const isDue = (key: string): boolean => {
    if (key === 'odd') throw new Error('odd');
    return due.has(key);
  };
  const reconciler = { isDue, reconcile: async (key: string) => (reconciled.push(key), {}) };
  const definition = { name: 'c', concurrency: 1, build: () => ({ reconciler, triggers: [{ informer: informers.informer(PODS), keysOf: ({ metadata }: Pod) => [metadata.name] }] }) };
  startController(definition, { client, informers, clock: systemClock, log: silentLogger, events: { event() {} }, randomSuffix: () => 'x' }, { create: () => queue, close: async () => {} });
  informers.start(stop.signal);
  await until(() => handler !== undefined);
  t.deepEqual(added, ['waits', 'due', 'odd']);
  for (const key of added) t.deepEqual(await handler?.({ key, failures: 0, signal: stop.signal }), {});
  t.deepEqual(reconciled, ['due', 'odd']);
});
