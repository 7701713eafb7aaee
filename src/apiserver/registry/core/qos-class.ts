import type { Container, PodSpec } from '#api/generated/core/v1.ts';
import { compare, parseQuantity } from '#api/quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';
type Holder = Pick<Container, 'resources'>;
/** Only these two decide the class. */
const COMPUTE = ['cpu', 'memory'] as const;

/** Which pods the kernel sacrifices first when memory is short. */
export function qosClassOf(spec: PodSpec | undefined): QosClass {
  // What is asked for the pod as a whole goes before what its containers ask for.
  const containers: readonly Holder[] = spec?.resources ? [{ resources: spec.resources }] : [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  if (containers.every((c) => COMPUTE.every((r) => !isSet(c, 'requests', r) && !isSet(c, 'limits', r)))) return 'BestEffort';
  return containers.every((c) => COMPUTE.every((r) => isGuaranteed(c, r))) ? 'Guaranteed' : 'Burstable';
}

const amountOf = (c: Holder, side: 'requests' | 'limits', resource: string): string | undefined => {
  const value = (c.resources?.[side] as Readonly<Record<string, string | number>> | undefined)?.[resource];
  return value === undefined ? undefined : String(value);
};

function isSet(c: Holder, side: 'requests' | 'limits', resource: string): boolean {
  const amount = amountOf(c, side, resource);
  return amount !== undefined && compare(parseQuantity(amount), parseQuantity('0')) > 0;
}

function isGuaranteed(c: Holder, resource: string): boolean {
  const limit = amountOf(c, 'limits', resource);
  const request = amountOf(c, 'requests', resource) ?? limit;
  return limit !== undefined && request !== undefined && isSet(c, 'limits', resource) && compare(parseQuantity(limit), parseQuantity(request)) === 0;
}
