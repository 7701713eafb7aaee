import type { Pod, PodCondition, PodStatus } from '#api/generated/core/v1.ts';
import { qosClassOf } from './qos-class.ts';

/** Of a new pod, which waits for its gates when it has any. */
export function firstStatus({ spec }: Pod, now: string): PodStatus {
  const status: PodStatus = { phase: 'Pending', qosClass: qosClassOf(spec) };
  if ((spec?.schedulingGates ?? []).length === 0) return status;
  return { ...status, conditions: [{ type: 'PodScheduled', status: 'False', lastTransitionTime: now, reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }] };
}

/** What a writer of the status who does not know these fields leaves out stays: the class of quality, and the generations that were seen. */
export function keptStatus(status: PodStatus | undefined, live: PodStatus | undefined): PodStatus | undefined {
  if (status === undefined) return undefined;
  const qosClass = status.qosClass || live?.qosClass;
  const observedGeneration = status.observedGeneration || live?.observedGeneration;
  return { ...status, ...(qosClass ? { qosClass } : {}), ...(observedGeneration ? { observedGeneration } : {}), ...(status.conditions ? { conditions: keptConditions(status.conditions, live?.conditions ?? []) } : {}) };
}

/** Of several conditions of one type each keeps that of its place among them. */
function keptConditions(conditions: readonly PodCondition[], live: readonly PodCondition[]): readonly PodCondition[] {
  const before = Map.groupBy(live, ({ type }) => type);
  return conditions.map((condition) => {
    const observedGeneration = before.get(condition.type)?.shift()?.observedGeneration;
    return condition.observedGeneration || !observedGeneration ? condition : { ...condition, observedGeneration };
  });
}
