import test from 'ava';
import { Turns } from '#apiserver/storage/turns.ts';

test('tasks of one key run one after another, also after a failure; other keys do not wait', async (t) => {
  const turns = new Turns();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    log.push('a1');
    await gate.promise;
    throw new Error('fails');
  });
  const second = turns.take('a', async () => log.push('a2'));
  await turns.take('b', async () => log.push('b'));
  t.deepEqual(log, ['a1', 'b']);
  gate.resolve();
  await t.throwsAsync(first, { message: 'fails' });
  await second;
  t.deepEqual(log, ['a1', 'b', 'a2']);
});
