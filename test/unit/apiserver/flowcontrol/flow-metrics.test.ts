import test from 'ava';
import { PODS } from '#api/resources.ts';
import { Exposition } from '#base/exposition.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { FlowControl } from '#apiserver/flowcontrol/flow-control.ts';
import { writeFlowMetrics } from '#apiserver/metrics/flow-metrics.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const USER = { name: 'alice', groups: ['system:authenticated'] };
const arrival = (width: number) => ({ user: USER, info: { type: 'resource', path: '/api/v1/pods', verb: 'list', resource: PODS, subresource: '', namespace: '', name: '' }, width, watcherWorkMs: 0 }) as const;

function told(flow: FlowControl, of: RegExp): readonly string[] {
  const out = new Exposition();
  writeFlowMetrics(out, flow);
  return out.text().split('\n').filter((line) => line.includes('global-default') && of.test(line)).map((line) => line.replaceAll(/apiserver_flowcontrol_|flow_schema="global-default",priority_level="global-default",?/g, ''));
}

test('seats are told by schema, and waits by whether the request ran, with those that waited for no time', async (t) => {
  const clock = new ManualClock(0);
  const flow = new FlowControl({ clock, totalSeats: 1 });
  flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS.map((level) => (level.spec.limited ? { ...level, spec: { ...level.spec, limited: { ...level.spec.limited, lendablePercent: 0 } } } : level)));
  const seat = await flow.enter(arrival(3));
  const second = Promise.resolve(flow.enter(arrival(2)));
  const third = Promise.resolve(flow.enter(arrival(4))).catch(() => 'refused');
  t.deepEqual(told(flow, /_seats\{flow/), ['current_executing_seats{} 3', 'current_inqueue_seats{} 6']);
  await clock.advance(1_000);
  seat.release();
  await second;
  await clock.advance(20_000);
  t.is(await third, 'refused');
  t.deepEqual(told(flow, /_seats\{flow/), ['current_executing_seats{} 2', 'current_inqueue_seats{} 0']);
  t.deepEqual(told(flow, /wait_duration_seconds_(?:count|sum)|le="(?:0|1|15)"/), [
    'request_wait_duration_seconds_bucket{execute="true",le="0"} 1', 'request_wait_duration_seconds_bucket{execute="true",le="1"} 2', 'request_wait_duration_seconds_bucket{execute="true",le="15"} 2',
    'request_wait_duration_seconds_sum{execute="true"} 1', 'request_wait_duration_seconds_count{execute="true"} 2',
    'request_wait_duration_seconds_bucket{execute="false",le="0"} 0', 'request_wait_duration_seconds_bucket{execute="false",le="1"} 0', 'request_wait_duration_seconds_bucket{execute="false",le="15"} 1',
    'request_wait_duration_seconds_sum{execute="false"} 15', 'request_wait_duration_seconds_count{execute="false"} 1',
  ]);
  t.deepEqual(told(flow, /upper_limit/), ['upper_limit_seats{priority_level="global-default"} 2']);
});
