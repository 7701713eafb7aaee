import type { GroupResource } from '#api/resource-type.ts';
import { ONE } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';

/** Kinds that quotas may also name without `count/`. */
const ALIASES: ReadonlySet<GroupResource> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** Any kind, custom ones too, counts its objects: `count/widgets.example.com`. */
export function objectCountEvaluator(resource: GroupResource): QuotaEvaluator {
  const usage = { [`count/${resource}`]: ONE, ...(ALIASES.has(resource) ? { [resource]: ONE } : {}) };
  return { resource, countsUpdate: () => false, counts: (name) => name in usage, isInScope: () => false, usage: () => usage };
}
