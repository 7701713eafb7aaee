import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Eviction, PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { POD_DISRUPTION_BUDGETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { StatusError } from '#api/status-error.ts';
import { writeContext, type Call, type WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { readExisting } from '../storage/object-reader.ts';
import { removeObjectBy } from '../verbs/delete.ts';
import { admitSubresource } from './admit.ts';

type Budget = PodDisruptionBudget & KubeObject;

/** Deletes a pod when its disruption budgets allow it. @throws StatusError TooManyRequests (429) when they do not */
export async function evict(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const sent = (call.body ?? {}) as Partial<Eviction>;
  const type = { apiVersion: 'policy/v1', kind: 'Eviction' };
  const { deleteOptions: options = {} } = await admitSubresource(env, call.info, { operation: 'CREATE', object: sent, type, context: evictionContext(call, sent) });
  const { object } = await readExisting(env.cache, resource, namespace, name);
  const pod = object as Pod & KubeObject;
  const isCounted = pod.metadata.deletionTimestamp === undefined && pod.status?.phase === 'Running';
  if (isCounted) for (const budget of budgetsOf(env, pod)) await takeDisruption(env, budget, name);
  await removeObjectBy(env, { resource, namespace, name, options, call });
  return documentOutcome({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201);
}

/** An eviction may also say in its own options that it is a dry run. */
function evictionContext(call: Call, { deleteOptions }: Partial<Eviction>): WriteContext {
  const context = writeContext(call);
  return context.dryRun || (deleteOptions?.dryRun ?? []).length === 0 ? context : { ...context, dryRun: true };
}

function budgetsOf(env: Environment, pod: Pod & KubeObject): readonly Budget[] {
  const all = env.cache.list(groupResource(POD_DISRUPTION_BUDGETS), { namespace: pod.metadata.namespace ?? '' }).items.map((i) => i.object as Budget);
  return all.filter((b) => labelSelectorPredicate(b.spec?.selector as LabelSelector | undefined)(pod.metadata.labels ?? {}));
}

/** Counts the disruption at once, so that two evictions never share one. */
async function takeDisruption(env: Environment, budget: Budget, pod: string): Promise<void> {
  const target = { resource: POD_DISRUPTION_BUDGETS, namespace: budget.metadata.namespace ?? '', name: budget.metadata.name };
  await guaranteedUpdate(env, target, async ({ object }) => {
    const live = object as Budget;
    const allowed = live.status?.disruptionsAllowed ?? 0;
    if (allowed <= 0) throw exhausted(live);
    const disruptedPods = { ...live.status?.disruptedPods, [pod]: new Date(env.clock.now()).toISOString() };
    return { type: 'put', object: { ...live, status: { ...live.status, disruptionsAllowed: allowed - 1, disruptedPods } } as KubeObject };
  });
}

const exhausted = (budget: Budget): StatusError =>
  new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: { causes: [{ reason: 'DisruptionBudget', message: `The disruption budget ${budget.metadata.name} needs ${budget.status?.desiredHealthy ?? 0} healthy pods and has ${budget.status?.currentHealthy ?? 0} currently` }] },
  });
