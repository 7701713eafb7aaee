import type { Container, ContainerStatus, Pod } from '#api/generated/core/v1.ts';
import { addAmounts, type Amounts, largest, parseAmounts, sumOf } from './amounts.ts';

type Side = 'requests' | 'limits';
/** What may be asked for the pod as a whole. */
export const POD_LEVEL = /^(?:cpu|memory|hugepages-.+)$/;

/**
 * What a pod asks for, or is limited to, exactly: its containers and sidecars, or the largest init container beside the sidecars
 * before it; what the pod asks for as a whole in the place of that; its overhead (for limits only of what has one). A container
 * that is being resized counts with the larger of what it has and what it wants.
 */
export function podAmounts(pod: Pick<Pod, 'spec' | 'status'>, side: Side): Amounts {
  const { spec, status } = pod;
  const amountsOf = (container: Container, statuses: readonly ContainerStatus[] | undefined): Amounts =>
    largest(parseAmounts(container.resources?.[side]), actual(statuses?.find((s) => s.name === container.name), side));
  let running = sumOf((spec?.containers ?? []).map((c) => amountsOf(c, status?.containerStatuses)));
  let sidecars: Amounts = {};
  let peak: Amounts = {};
  for (const container of spec?.initContainers ?? []) {
    const own = amountsOf(container, status?.initContainerStatuses);
    const needed = addAmounts(sidecars, own);
    peak = largest(peak, needed);
    if (container.restartPolicy !== 'Always') continue;
    sidecars = needed;
    running = addAmounts(running, own);
  }
  const whole = Object.entries(parseAmounts(spec?.resources?.[side])).filter(([name]) => POD_LEVEL.test(name));
  return withOverhead({ ...largest(running, peak), ...Object.fromEntries(whole) }, parseAmounts(spec?.overhead), side);
}

const actual = (status: ContainerStatus | undefined, side: Side): Amounts =>
  (side === 'requests' ? largest(parseAmounts(status?.resources?.requests), parseAmounts(status?.allocatedResources)) : parseAmounts(status?.resources?.limits));

function withOverhead(amounts: Amounts, overhead: Amounts, side: Side): Amounts {
  if (side === 'requests') return addAmounts(amounts, overhead);
  return addAmounts(amounts, Object.fromEntries(Object.entries(overhead).filter(([name]) => (amounts[name]?.nanos ?? 0n) > 0n)));
}
