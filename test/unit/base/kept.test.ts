import test from 'ava';
import { kept } from '#base/kept.ts';

test('it is made once for all who ask, and again after it failed', async (t) => {
  let tries = 0;
  const ask = kept(async () => {
    tries += 1;
    if (tries === 1) throw new Error('not yet');
    return tries;
  });
  const failed = await Promise.allSettled([ask(), ask()]);
  t.deepEqual([failed.map(({ status }) => status), tries], [['rejected', 'rejected'], 1]);
  t.deepEqual(await Promise.all([ask(), ask()]), [2, 2]);
  t.is(await ask(), 2);
});
