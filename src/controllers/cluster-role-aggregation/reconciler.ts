import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole } from '#api/generated/rbac/v1.ts';
import { keyOf } from '#api/object.ts';
import { CLUSTER_ROLES } from '#api/resources.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { aggregatedRules, isAggregated } from './plan.ts';

/** Writes into each aggregated ClusterRole the rules of the roles that it selects. Sums of sums settle step by step: each change enqueues all sums. */
export const clusterRoleAggregationController: ControllerDefinition = {
  name: CONTROLLER_NAMES.clusterRoleAggregation,
  concurrency: 1,
  build({ informers, client }) {
    const roles = informers.informer(CLUSTER_ROLES);
    const sums = (): readonly ClusterRole[] => roles.lister.list().filter(isAggregated);
    return {
      reconciler: {
        async reconcile(key, { signal }) {
          const role = roles.lister.get(key);
          if (!role || !isAggregated(role)) return {};
          const rules = aggregatedRules(role, roles.lister.list());
          if (isDeepStrictEqual(rules, role.rules ?? [])) return {};
          await client.update(CLUSTER_ROLES, { ...role, rules }, { signal });
          return {};
        },
      },
      triggers: [{ informer: roles, keysOf: () => sums().map(keyOf) }],
    };
  },
};
