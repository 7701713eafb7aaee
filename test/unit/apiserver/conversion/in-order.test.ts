import test from 'ava';
import { InOrder } from '#apiserver/conversion/in-order.ts';

test('steps keep their order, whichever value comes first', async (t) => {
  const seen: string[] = [];
  const turns = new InOrder((error) => seen.push((error as Error).message));
  const slow = Promise.withResolvers<string>();
  const done = Promise.withResolvers<void>();
  turns.run('at once', (text) => void seen.push(text));
  turns.run(slow.promise, (text) => void seen.push(text));
  turns.run(Promise.reject(new Error('lost')), () => t.fail());
  turns.run('last', (text) => {
    seen.push(text);
    done.resolve();
  });
  t.deepEqual(seen, ['at once']);
  slow.resolve('slow');
  await done.promise;
  t.deepEqual(seen, ['at once', 'slow', 'lost', 'last']);
  await Promise.resolve();
  turns.run('at once again', (text) => void seen.push(text));
  t.is(seen.at(-1), 'at once again');
});
