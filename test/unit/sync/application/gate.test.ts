import test from 'ava';
import { passGates, type Gate, type GateQuestion } from '#sync/application/gate.ts';

const question = {} as GateQuestion;
const { signal } = new AbortController();
const closed: Gate = () => ({ type: 'blocked', reason: 'Closed', message: 'closed' });

test('the first gate that is closed decides, and those behind it are not asked', async (t) => {
  let asked = 0;
  const open: Gate = () => {
    asked++;
    return { type: 'go' };
  };
  t.like(await passGates([open, closed, open], question, signal), { type: 'blocked', reason: 'Closed' });
  t.is(asked, 1);
  t.deepEqual(await passGates([open], question, signal), { type: 'go' });
});
