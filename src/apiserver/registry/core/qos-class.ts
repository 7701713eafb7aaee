import type { Container, PodSpec } from '#api/generated/core/v1.ts';
import { compare, parseQuantity } from '#api/quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';
/** Only these two decide the class. */
const COMPUTE = ['cpu', 'memory'] as const;

/** Which pods the kernel sacrifices first when memory is short. */
export function qosClassOf(spec: PodSpec | undefined): QosClass {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  if (containers.every((c) => COMPUTE.every((r) => !isSet(c, 'requests', r) && !isSet(c, 'limits', r)))) return 'BestEffort';
  return containers.every((c) => COMPUTE.every((r) => isGuaranteed(c, r))) ? 'Guaranteed' : 'Burstable';
}

const amountOf = (c: Container, side: 'requests' | 'limits', resource: string): string | undefined => {
  const value = (c.resources?.[side] as Readonly<Record<string, string | number>> | undefined)?.[resource];
  return value === undefined ? undefined : String(value);
};

function isSet(c: Container, side: 'requests' | 'limits', resource: string): boolean {
  const amount = amountOf(c, side, resource);
  return amount !== undefined && compare(parseQuantity(amount), parseQuantity('0')) > 0;
}

function isGuaranteed(c: Container, resource: string): boolean {
  const limit = amountOf(c, 'limits', resource);
  const request = amountOf(c, 'requests', resource) ?? limit;
  return limit !== undefined && request !== undefined && isSet(c, 'limits', resource) && compare(parseQuantity(limit), parseQuantity(request)) === 0;
}
