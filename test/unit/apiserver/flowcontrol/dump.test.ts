import test from 'ava';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { dumpLevels } from '#apiserver/flowcontrol/dump.ts';
import { FlowControl } from '#apiserver/flowcontrol/flow-control.ts';
import { PODS } from '#api/resources.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const info = { type: 'resource', path: '/api/v1/pods', verb: 'list', resource: PODS, subresource: '', namespace: '', name: '' } as const;
const user = { name: 'system:serviceaccount:shop:a', groups: ['system:serviceaccounts', 'system:authenticated'] };

test('the levels are told with what runs, waits and was refused', (t) => {
  const flow = new FlowControl({ clock: new ManualClock(0), totalSeats: 1 });
  flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS);
  for (let i = 0; i < 8; i++) void flow.enter({ user, info, width: 1, watcherWorkMs: 0 });
  const lines = dumpLevels(flow).split('\n');
  t.is(lines[0], 'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests');
  t.is(lines[2], 'exempt,            0,            true,   false,       0,               0,                 0,                  0,                0,                0');
  const busy = lines.find((line) => line.startsWith('workload-low'))?.split(/, */);
  t.is(Number(busy?.[4]) + Number(busy?.[5]), 8);
  t.is(busy?.[2], 'false');
  t.true(Number(busy?.[1]) > 0);
});
