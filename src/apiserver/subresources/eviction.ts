import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Eviction, PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { POD_DISRUPTION_BUDGETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { isPodReady } from '#api/pods.ts';
import { badRequest, StatusError } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
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
  if ((sent.metadata?.name ?? '') !== name) throw badRequest('name in URL does not match name in Eviction object');
  const context = evictionContext(call, sent);
  const { deleteOptions: options = {} } = await admitSubresource(env, call.info, { operation: 'CREATE', object: sent, type, context });
  const { object } = await readExisting(env.cache, resource, namespace, name);
  const pod = object as Pod & KubeObject;
  const guard = isDisruptedAlready(pod) ? undefined : guardOf(env, pod);
  if (guard && !mayGoUnhealthy(guard, pod)) await takeDisruption(env, guard, name, context.dryRun);
  await removeObjectBy(env, { resource, namespace, name, options, call });
  return documentOutcome({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201);
}

/** An eviction may also say in its own options that it is a dry run. */
function evictionContext(call: Call, { deleteOptions }: Partial<Eviction>): WriteContext {
  const context = writeContext(call);
  return context.dryRun || (deleteOptions?.dryRun ?? []).length === 0 ? context : { ...context, dryRun: true };
}

/** Nobody counts on a pod that has ended, has not started or is going. */
const isDisruptedAlready = ({ metadata, status }: Pod & KubeObject): boolean => metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? 'Pending');

/** @throws StatusError InternalError when several budgets select the pod: Kubernetes does not support that either */
function guardOf(env: Environment, pod: Pod & KubeObject): Budget | undefined {
  const [budget, ...more] = budgetsOf(env, pod);
  if (more.length > 0) throw new StatusError('InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  return budget;
}

/** A pod that is not ready takes no disruption, where its budget allows that always, or while enough others are healthy. */
function mayGoUnhealthy({ spec, status }: Budget, pod: Pod): boolean {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return !isPodReady(pod) && (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (desiredHealthy > 0 && currentHealthy >= desiredHealthy));
}

function budgetsOf(env: Environment, pod: Pod & KubeObject): readonly Budget[] {
  const all = env.cache.list(groupResource(POD_DISRUPTION_BUDGETS), { namespace: pod.metadata.namespace ?? '' }).items.map((i) => i.object as Budget);
  return all.filter((b) => labelSelectorPredicate(b.spec?.selector as LabelSelector | undefined)(pod.metadata.labels ?? {}));
}

/** Counts the disruption at once, so that two evictions never share one. */
async function takeDisruption(env: Environment, budget: Budget, pod: string, dryRun: boolean): Promise<void> {
  const target = { resource: POD_DISRUPTION_BUDGETS, namespace: budget.metadata.namespace ?? '', name: budget.metadata.name };
  await guaranteedUpdate(env, target, async ({ object }) => {
    const live = object as Budget;
    if ((live.status?.observedGeneration ?? 0) < (live.metadata.generation ?? 0)) throw refused(`The disruption budget ${live.metadata.name} is still being processed by the server.`, 10);
    const allowed = live.status?.disruptionsAllowed ?? 0;
    if (allowed <= 0) throw refused(`The disruption budget ${live.metadata.name} needs ${live.status?.desiredHealthy ?? 0} healthy pods and has ${live.status?.currentHealthy ?? 0} currently`);
    if (dryRun) return { type: 'keep', object };
    const disruptedPods = { ...live.status?.disruptedPods, [pod]: formatTime(env.clock.now()) };
    return { type: 'put', object: { ...live, status: { ...live.status, disruptionsAllowed: allowed - 1, disruptedPods } } as KubeObject };
  });
}

const refused = (message: string, retryAfterSeconds?: number): StatusError =>
  new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", { details: { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) } });
