import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { ObjectWorker } from '#apiserver/storage/object-worker.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

function startWorker({ failures = 0 } = {}) {
  const clock = new ManualClock(0);
  const begun: { readonly key: string; readonly end: () => void }[] = [];
  const failed: string[] = [];
  let left = failures;
  const worker = new ObjectWorker({
    clock, onFailure: (key) => void failed.push(key),
    async work(namespace, name) {
      const gate = Promise.withResolvers<void>();
      begun.push({ key: `${namespace}/${name}`, end: gate.resolve });
      await gate.promise;
      if (left-- > 0) throw new Error('fails');
    },
  });
  const end = async (i: number): Promise<void> => {
    begun[i]?.end();
    await setImmediate();
  };
  return { clock, worker, failed, end, keys: () => begun.map(({ key }) => key) };
}
const A = { namespace: 'x', name: 'a' };

test('an object is worked on once at a time, and once more when it was told of meanwhile; others do not wait', async (t) => {
  const { worker, keys, end } = startWorker();
  worker.note(A);
  worker.note(A);
  worker.note({ name: 'b' });
  worker.note(A);
  t.deepEqual(keys(), ['x/a', '/b']);
  await end(0);
  t.deepEqual(keys(), ['x/a', '/b', 'x/a']);
  await end(2);
  t.is(keys().length, 3);
});

test('what failed is told and tried again after a while, unless the server has stopped', async (t) => {
  const { worker, clock, failed, keys, end } = startWorker({ failures: 2 });
  worker.note(A);
  await end(0);
  t.deepEqual(failed, ['x/a']);
  await clock.advance(5000);
  await end(1);
  t.deepEqual([failed, keys()], [['x/a', 'x/a'], ['x/a', 'x/a']]);
  worker.stop();
  await clock.advance(5000);
  worker.note(A);
  t.is(keys().length, 2);
});
