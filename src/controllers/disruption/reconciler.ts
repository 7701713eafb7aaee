import type { Pod } from '#api/generated/core/v1.ts';
import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import { keyOf } from '#api/object.ts';
import { POD_DISRUPTION_BUDGETS, PODS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { formatTime } from '#base/clock.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { ExpectedPodCounts } from './expected-pods.ts';
import { isSameStatus, needsExpectedPods, planDisruptions } from './plan.ts';

const selects = (budget: PodDisruptionBudget, pod: Pod): boolean => labelSelectorPredicate(budget.spec?.selector)(pod.metadata.labels);

/** Tells in each PodDisruptionBudget how many of its pods may be evicted; the API counts evictions against it. */
export const disruptionController: ControllerDefinition = {
  name: CONTROLLER_NAMES.disruption,
  concurrency: 4,
  build(dependencies) {
    const { informers, client, clock, events } = dependencies;
    const budgets = informers.informer(POD_DISRUPTION_BUDGETS);
    const pods = informers.informer(PODS);
    const expected = new ExpectedPodCounts(dependencies);
    return {
      reconciler: {
        async reconcile(key, { signal }) {
          const budget = budgets.lister.get(key);
          if (!budget) return {};
          const selected = pods.lister.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
          if (selected.length === 0) events.event(budget, { type: 'Normal', reason: 'NoPods', message: 'No matching pods found' });
          const nowMs = clock.now();
          const wanted = needsExpectedPods(budget) ? await expected.of(selected, signal) : { count: selected.length, unmanaged: [] };
          const { status, recheckMs, warning } = planDisruptions({ budget, pods: selected, expected: wanted, nowMs, now: formatTime(nowMs) });
          if (warning) events.event(budget, { type: 'Warning', ...warning });
          if (!isSameStatus(budget.status, status)) await client.update(POD_DISRUPTION_BUDGETS, { ...budget, status }, { subresource: 'status', signal });
          return recheckMs === undefined ? {} : { requeueAfterMs: recheckMs };
        },
      },
      triggers: [
        { informer: budgets, keysOf: (budget) => [keyOf(budget)] },
        { informer: pods, keysOf: (pod: Pod, old?: Pod) => budgets.lister.list(pod.metadata.namespace).filter((b) => selects(b, pod) || (old !== undefined && selects(b, old))).map(keyOf) },
      ],
    };
  },
};
