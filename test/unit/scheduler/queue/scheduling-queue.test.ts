import test from 'ava';
import { DEFAULT_PROFILE } from '#scheduler/default-profile.ts';
import type { PluginName } from '#scheduler/framework/plugin.ts';
import { SchedulingQueue, type QueuedPod } from '#scheduler/queue/scheduling-queue.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { buildInfo } from '../builders.ts';

const FIT: ReadonlySet<PluginName> = new Set(['NodeResourcesFit']);
const pod = (name: string, priority = 0) => buildInfo(name, { spec: { priority } });

function setUp() {
  const clock = new ManualClock(1_000_000);
  let wakes = 0;
  const queue = new SchedulingQueue({ clock, plugins: DEFAULT_PROFILE.filters, onReady: () => void (wakes += 1) });
  const popAll = (): string[] => {
    const names: string[] = [];
    for (let next = queue.pop(); next; next = queue.pop()) names.push(next.info.pod.metadata.name!);
    return names;
  };
  return { clock, queue, popAll, wakes: () => wakes };
}

const pop = (queue: SchedulingQueue): QueuedPod => queue.pop() as QueuedPod;

test('higher priorities first, then the order of arrival', async (t) => {
  const { clock, queue, popAll } = setUp();
  queue.add(pod('a'));
  queue.add(pod('b'));
  await clock.advance(5);
  queue.add(pod('c'));
  queue.add(pod('urgent', 10));
  t.deepEqual(popAll(), ['urgent', 'a', 'b', 'c']);
});

test('a rejected pod waits for an event that helps the plugin, and for its back-off', async (t) => {
  const { clock, queue, popAll, wakes } = setUp();
  queue.add(pod('a'));
  queue.reject(pop(queue), FIT);
  t.is(wakes(), 1);
  queue.onEvent('namespace-labels');
  await clock.advance(2_000);
  t.deepEqual(popAll(), [], 'the event does not help');
  queue.onEvent('pod-delete');
  t.is(wakes(), 2, 'its second of back-off is over');
  queue.reject(pop(queue), FIT);
  queue.onEvent('node-add');
  await clock.advance(1_999);
  t.is(queue.ready, 0);
  await clock.advance(1);
  t.deepEqual(popAll(), ['a'], 'two seconds after the second failure');
});

test('an event while the pod is being decided is not lost', async (t) => {
  const { clock, queue, popAll } = setUp();
  queue.add(pod('a'));
  const taken = pop(queue);
  queue.onEvent('pod-delete');
  queue.reject(taken, FIT);
  await clock.advance(1_000);
  t.deepEqual(popAll(), ['a']);
});

test('back-off doubles up to ten seconds', async (t) => {
  const { clock, queue } = setUp();
  queue.add(pod('a'));
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    queue.retry(pop(queue));
    await clock.advance(seconds * 1000 - 1);
    t.is(queue.ready, 0, `${seconds} s`);
    await clock.advance(1);
    t.is(queue.ready, 1, `${seconds} s`);
  }
});

test('what nothing helps is tried again after five minutes', async (t) => {
  const { clock, queue, popAll } = setUp();
  queue.add(pod('a'));
  queue.reject(pop(queue), FIT);
  await clock.advance(299_999);
  t.deepEqual(popAll(), []);
  await clock.advance(1);
  t.deepEqual(popAll(), ['a']);
});

test('a pod that was removed while in flight does not come back', async (t) => {
  const { clock, queue } = setUp();
  queue.add(pod('a'));
  const taken = pop(queue);
  queue.remove(taken.info.uid);
  queue.reject(taken, FIT);
  queue.retry(taken);
  await clock.advance(600_000);
  t.is(queue.waiting, 0);
});

test('a changed pod is tried at once, and a refreshed one stays where it waits', (t) => {
  const { queue, popAll } = setUp();
  queue.add(pod('a'));
  queue.reject(pop(queue), FIT);
  queue.refresh(pod('a'));
  t.is(queue.ready, 0);
  queue.add(pod('a'));
  t.deepEqual(popAll(), ['a']);
});
