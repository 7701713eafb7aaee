import type { Exposition, HistogramSample, Sample } from '#base/exposition.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { ActiveSchema } from '../flowcontrol/flow-schemas.ts';

/** What priority and fairness tells of itself, under Kubernetes' names. */
export function writeFlowMetrics(out: Exposition, flow: FlowControl): void {
  const bySchema = (value: (schema: ActiveSchema) => number): readonly Sample[] => flow.schemas.map((schema) => ({ labels: labelsOf(schema), value: value(schema) }));
  out.gauge('apiserver_flowcontrol_current_executing_requests', 'Requests that run.', bySchema((s) => s.counts.executing));
  out.gauge('apiserver_flowcontrol_current_inqueue_requests', 'Requests that wait in queues.', bySchema((s) => s.counts.waiting));
  out.counter('apiserver_flowcontrol_dispatched_requests_total', 'Requests that were let through.', bySchema((s) => s.counts.dispatched));
  out.counter('apiserver_flowcontrol_rejected_requests_total', 'Requests that were refused.', flow.schemas.flatMap((schema) =>
    Object.entries(schema.counts.refused).filter(([, value]) => value > 0).map(([reason, value]) => ({ labels: { ...labelsOf(schema), reason }, value }))));
  out.gauge('apiserver_flowcontrol_current_executing_seats', 'Seats that running requests have.', bySchema((s) => s.counts.seats));
  out.gauge('apiserver_flowcontrol_current_inqueue_seats', 'Seats that requests in queues wait for.', bySchema((s) => s.counts.waitingSeats));
  out.histogram('apiserver_flowcontrol_request_wait_duration_seconds', 'Time that requests have waited in queues.', flow.schemas.flatMap(waitsOf));
  const levels = [...flow.levels.values()];
  const byLevel = (value: (level: (typeof levels)[number]) => number): readonly Sample[] => levels.map((level) => ({ labels: { priority_level: level.name }, value: value(level) }));
  out.gauge('apiserver_flowcontrol_nominal_limit_seats', 'Seats that a priority level has.', byLevel((l) => l.share.nominal));
  out.gauge('apiserver_flowcontrol_lower_limit_seats', 'Seats that a priority level never lends.', byLevel((l) => l.share.nominal - l.share.lendable));
  out.gauge('apiserver_flowcontrol_upper_limit_seats', 'Seats that a priority level has with all that it may borrow.', byLevel((l) => l.share.nominal + Math.min(l.share.borrowingLimit, flow.totalSeats)));
}

/** Who ran or was refused at once has waited for no time, which is counted only here: it is most requests. Nobody who is exempt waits. */
function waitsOf(schema: ActiveSchema): readonly HistogramSample[] {
  const { level, counts: { dispatched, refused, waits } } = schema;
  if (level.isExempt) return [];
  const atOnce = { true: dispatched - waits.true.count, false: refused['queue-full'] + refused['concurrency-limit'] };
  return (['true', 'false'] as const).flatMap((execute) => {
    const histogram = waits[execute].with(0, atOnce[execute]);
    return histogram.count === 0 ? [] : [{ labels: { ...labelsOf(schema), execute }, histogram }];
  });
}

const labelsOf = ({ name, level }: ActiveSchema) => ({ flow_schema: name, priority_level: level.name });
