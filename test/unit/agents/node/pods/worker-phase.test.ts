import test from 'ava';
import { nextPhase, type WorkerEvent, type WorkerPhase } from '#agents/node/pods/worker-phase.ts';

test('a pod is stopped before it is cleaned, and cleaned before it is forgotten', (t) => {
  const events: readonly WorkerEvent[] = ['stop', 'stopped', 'cleaned', 'forgotten'];
  t.deepEqual(events.reduce<readonly WorkerPhase[]>((path, e) => [...path, nextPhase(path.at(-1) ?? 'running', e)], ['running']), ['running', 'stopping', 'stopped', 'cleaned', 'gone']);
});

test('events that come twice or too late change nothing', (t) => {
  t.is(nextPhase('stopping', 'stop'), 'stopping');
  t.is(nextPhase('cleaned', 'finish'), 'cleaned');
  t.is(nextPhase('gone', 'stop'), 'gone');
});
