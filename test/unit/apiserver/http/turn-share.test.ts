import test from 'ava';
import { TurnShare } from '#apiserver/http/turn-share.ts';

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `work` takes so many milliseconds of a clock that only it moves. */
function share() {
  let now = 0;
  const turns = new TurnShare({ monotonic: () => now });
  const done: string[] = [];
  const work = async (name: string, ms: number): Promise<void> => {
    await turns.enter();
    await Promise.resolve();
    now += ms;
    done.push(name);
  };
  return { turns, done, work };
}

test('what fits into the share of a turn begins at once', (t) => {
  const { turns } = share();
  t.is(turns.enter(), undefined);
  t.is(turns.enter(), undefined);
});

test('what does not fit begins in later turns, in order, as much as fits in each', async (t) => {
  const { turns, done, work } = share();
  await work('a', 5);
  const rest = Promise.all([['b', 3], ['c', 3], ['d', 1], ['e', 1], ['f', 1]].map(([name, ms]) => work(name as string, ms as number)));
  t.deepEqual(done, ['a']);
  const seen: number[] = [];
  while (done.length < 6) {
    await turnOfLoop();
    if (seen.at(-1) !== done.length) seen.push(done.length);
  }
  await rest;
  t.deepEqual(done, ['a', 'b', 'c', 'd', 'e', 'f']);
  t.deepEqual(seen.filter((count) => count > 1), [3, 6]);
  await turnOfLoop();
  t.is(turns.enter(), undefined);
});

test('what waits begins at the end of a turn in which nothing else has begun', async (t) => {
  const { done, work } = share();
  await work('a', 5);
  const rest = work('b', 1);
  await turnOfLoop();
  t.deepEqual(done, ['a']);
  await turnOfLoop();
  t.deepEqual(done, ['a', 'b']);
  await rest;
});

test('who comes while others wait does not overtake them', async (t) => {
  const { done, work } = share();
  await work('a', 5);
  await Promise.all([work('b', 5), work('c', 0)]);
  t.deepEqual(done, ['a', 'b', 'c']);
});
