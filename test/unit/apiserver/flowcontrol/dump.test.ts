import test from 'ava';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { dumpAt } from '#apiserver/flowcontrol/dump.ts';
import { FlowControl } from '#apiserver/flowcontrol/flow-control.ts';
import { PODS } from '#api/resources.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const info = { type: 'resource', path: '/api/v1/pods', verb: 'list', resource: PODS, subresource: '', namespace: '', name: '' } as const;
const user = { name: 'system:serviceaccount:shop:a', groups: ['system:serviceaccounts', 'system:authenticated'] };

const linesOf = (flow: FlowControl, dump: string, query = {}): readonly string[] => (dumpAt(`/debug/api_priority_and_fairness/${dump}`, flow, query) ?? '').trimEnd().split('\n');
const cellsOf = (line: string | undefined): readonly string[] => line?.split(/, */) ?? [];

test('the levels are told with what runs, waits and was refused', (t) => {
  const flow = new FlowControl({ clock: new ManualClock(0), totalSeats: 1 });
  flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS);
  for (let i = 0; i < 8; i++) void flow.enter({ user, info, width: 1, watcherWorkMs: 0 });
  const lines = linesOf(flow, 'dump_priority_levels');
  t.is(lines[0], 'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests');
  t.is(lines[2], 'exempt,            0,            true,   false,       0,               0,                 0,                  0,                0,                0');
  const busy = lines.find((line) => line.startsWith('workload-low'))?.split(/, */);
  t.is(Number(busy?.[4]) + Number(busy?.[5]), 8);
  t.is(busy?.[2], 'false');
  t.true(Number(busy?.[1]) > 0);
});

test('the queues of each level are told, and of those that wait in them who asks for what since when', (t) => {
  const flow = new FlowControl({ clock: new ManualClock(1_000), totalSeats: 1 });
  flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS);
  const seats = Array.from({ length: 12 }, () => flow.enter({ user, info, width: 1, watcherWorkMs: 0 }));
  const waiting = seats.filter((seat) => seat instanceof Promise).length;
  t.true(waiting > 0);

  const [heads, ...queues] = linesOf(flow, 'dump_queues').map(cellsOf);
  t.deepEqual(heads, ['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum']);
  t.is(queues.filter(([level]) => level === 'workload-low').length, 128);
  t.is(queues.reduce((sum, [, , pending]) => sum + Number(pending), 0), waiting);
  t.regex(queues[0]?.[5] ?? '', /^\d+\.\d{8}ss$/);

  const [, first] = linesOf(flow, 'dump_requests').map(cellsOf);
  t.deepEqual(first?.slice(0, 2), ['workload-low', 'service-accounts']);
  t.deepEqual(first?.slice(3), ['0', user.name, '1970-01-01T00:00:01.000Z', '1', '0', '0s', '0001-01-01T00:00:00Z']);
  const [headers, detailed] = linesOf(flow, 'dump_requests', { includeRequestDetails: '1' }).map(cellsOf);
  t.deepEqual(headers?.slice(10), ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource']);
  t.deepEqual(detailed?.slice(10), [user.name, 'list', '/api/v1/pods', '', '', 'v1', 'pods', '']);
});

test('a server at rest has no requests that wait, and other paths are no dumps', (t) => {
  const flow = new FlowControl({ clock: new ManualClock(0) });
  t.is(linesOf(flow, 'dump_requests').length, 1);
  t.is(dumpAt('/debug/pprof', flow, {}), undefined);
});
