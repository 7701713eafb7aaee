import type { Pod } from '#api/generated/core/v1.ts';
import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import { keyOf } from '#api/object.ts';
import { POD_DISRUPTION_BUDGETS, PODS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { formatTime } from '#base/clock.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileResult } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { ExpectedPodCounts } from './expected-pods.ts';
import { isSameStatus, needsExpectedPods, planDisruptions } from './plan.ts';
import { msToStale, withoutDisruption } from './stale-condition.ts';

const selects = (budget: PodDisruptionBudget, pod: Pod): boolean => labelSelectorPredicate(budget.spec?.selector)(pod.metadata.labels);

/** Before the keys of pods. */
const POD = 'pod|';

/** Tells in each PodDisruptionBudget how many of its pods may be evicted; the API counts evictions against it. Of pods it takes back what was said of a disruption that did not come. */
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
          if (key.startsWith(POD)) return clearStale(dependencies, pods.lister.get(key.slice(POD.length)), signal);
          const budget = budgets.lister.get(key);
          if (!budget) return {};
          const selected = pods.lister.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
          if (selected.length === 0) events.event(budget, { type: 'Normal', reason: 'NoPods', message: 'No matching pods found' });
          const nowMs = clock.now();
          const wanted = needsExpectedPods(budget) ? await expected.of(selected, signal) : { count: selected.length, unmanaged: [] };
          const { status, notDeleted, recheckMs, warning } = planDisruptions({ budget, pods: selected, expected: wanted, nowMs, now: formatTime(nowMs) });
          // Kubernetes names the namespace twice.
          const { namespace } = budget.metadata;
          for (const pod of notDeleted) events.event(pod, { type: 'Warning', reason: 'NotDeleted', message: `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't` });
          if (warning) events.event(budget, { type: 'Warning', ...warning });
          if (!isSameStatus(budget.status, status)) await client.update(POD_DISRUPTION_BUDGETS, { ...budget, status }, { subresource: 'status', signal });
          return recheckMs === undefined ? {} : { requeueAfterMs: recheckMs };
        },
      },
      triggers: [
        { informer: budgets, keysOf: (budget) => [keyOf(budget)] },
        { informer: pods, keysOf: (pod: Pod) => (msToStale(pod, clock.now()) === undefined ? [] : [POD + keyOf(pod)]) },
        { informer: pods, keysOf: (pod: Pod, old?: Pod) => budgets.lister.list(pod.metadata.namespace).filter((b) => selects(b, pod) || (old !== undefined && selects(b, old))).map(keyOf) },
      ],
    };
  },
};

async function clearStale({ client, clock }: ControllerDependencies, pod: Pod | undefined, signal: AbortSignal): Promise<ReconcileResult> {
  const leftMs = pod && msToStale(pod, clock.now());
  if (pod === undefined || leftMs === undefined) return {};
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  await client.update(PODS, withoutDisruption(pod, clock.now()), { subresource: 'status', signal });
  return {};
}
