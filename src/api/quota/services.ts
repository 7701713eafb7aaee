import type { Service } from '#api/generated/core/v1.ts';
import { type Amounts, countOf, ONE } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';

const NAMES: ReadonlySet<string> = new Set(['count/services', 'services', 'services.nodeports', 'services.loadbalancers']);

export const SERVICES_EVALUATOR: QuotaEvaluator = {
  resource: 'services',
  countsUpdate: () => true,
  counts: (name) => NAMES.has(name),
  isInScope: () => false,
  usage: (object) => ({ 'count/services': ONE, services: ONE, ...outside(object as Service) }),
};

function outside({ spec }: Service): Amounts {
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return { 'services.nodeports': countOf(ports.length) };
  if (spec?.type !== 'LoadBalancer') return {};
  const given = spec.allocateLoadBalancerNodePorts === false ? ports.filter((port) => port.nodePort) : ports;
  return { 'services.loadbalancers': ONE, 'services.nodeports': countOf(given.length) };
}
