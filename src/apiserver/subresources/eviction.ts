import type { DeleteOptions, LabelSelector } from '#api/generated/meta/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Eviction, PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { POD_DISRUPTION_BUDGETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { badRequest, forbidden, isStatus, StatusError } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import { writeContext, type Call, type WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { readExisting } from '../storage/object-reader.ts';
import { removeObjectBy } from '../verbs/delete.ts';
import { admitSubresource } from './admit.ts';

type Budget = PodDisruptionBudget & KubeObject;
type EvictedPod = Pod & KubeObject;
/** Until the controller has seen a new budget. */
const PROCESSING_SECONDS = 10;
const MAX_DISRUPTED = 2000;
/** For a pod that changes each time between the look at it and its deletion. */
const MAX_ATTEMPTS = 20;

/** Which state of the pod the eviction is allowed for: a pod that becomes ready meanwhile is one that its budget counts. */
type Basis = { readonly type: 'any' } | { readonly type: 'pending' } | { readonly type: 'not-ready'; readonly budget: string };
const ANY: Basis = { type: 'any' };

/** Deletes a pod when its disruption budgets allow it. @throws StatusError TooManyRequests (429) when they do not */
export async function evict(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const sent = (call.body ?? {}) as Partial<Eviction>;
  const type = { apiVersion: 'policy/v1', kind: 'Eviction' };
  if ((sent.metadata?.name ?? '') !== name) throw badRequest('name in URL does not match name in Eviction object');
  const context = evictionContext(call, sent);
  const { deleteOptions: options = {} } = await admitSubresource(env, call.info, { operation: 'CREATE', object: sent, type, context });
  for (let attempt = 1; ; attempt++) {
    // A budget that was made or deleted a moment ago counts as it is now.
    await env.cache.sync();
    const pod = (await readExisting(env.cache, resource, namespace, name)).object as EvictedPod;
    const basis = await takeDisruption(env, pod, context.dryRun);
    try {
      // The deletion is admitted with the eviction, as in Kubernetes.
      await removeObjectBy(env, { resource, namespace, name, options: basis.type === 'any' ? options : asItIs(options, pod), call, isAdmitted: true, marked: (live) => withDisruption(live, formatTime(env.clock.now())) });
      break;
    } catch (error) {
      if (basis.type === 'any' || !isStatus(error, 'Conflict') || isOfOther(options, pod)) throw error;
      if (basis.type === 'not-ready') throw inProcess(basis.budget);
      if (attempt >= MAX_ATTEMPTS) throw error;
    }
  }
  return documentOutcome({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201);
}

/** An eviction may also say in its own options that it is a dry run. */
function evictionContext(call: Call, { deleteOptions }: Partial<Eviction>): WriteContext {
  const context = writeContext(call);
  return context.dryRun || (deleteOptions?.dryRun ?? []).length === 0 ? context : { ...context, dryRun: true };
}

/** By this jobs and their owners tell an eviction from a failure of the pod's own. */
function withDisruption(pod: KubeObject, now: string): KubeObject {
  const { status } = pod as EvictedPod;
  const conditions = status?.conditions ?? [];
  const last = conditions.find(({ type }) => type === 'DisruptionTarget');
  const lastTransitionTime = last?.status === 'True' ? last.lastTransitionTime : now;
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
  return { ...pod, status: { ...status, conditions: last === undefined ? [...conditions, condition] : conditions.map((other) => (other === last ? condition : other)) } } as KubeObject;
}

function budgetsOf(env: Environment, pod: EvictedPod): readonly Budget[] {
  const all = env.cache.list(groupResource(POD_DISRUPTION_BUDGETS), { namespace: pod.metadata.namespace ?? '' }).items.map((i) => i.object as Budget);
  return all.filter((b) => labelSelectorPredicate(b.spec?.selector as LabelSelector | undefined)(pod.metadata.labels ?? {}));
}

/** What has ended disturbs nobody when it goes. */
const hasEnded = ({ metadata, status }: EvictedPod): boolean => metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed'].includes(status?.phase ?? '');

/** Only in the state that was looked at, unless the client says itself in which. */
const asItIs = (options: Partial<DeleteOptions>, { metadata }: EvictedPod): Partial<DeleteOptions> =>
  ({ ...options, preconditions: { resourceVersion: metadata.resourceVersion, ...options.preconditions } });

/** The client wants another pod, or the pod in another state. */
const isOfOther = ({ preconditions: { uid, resourceVersion } = {} }: Partial<DeleteOptions>, { metadata }: EvictedPod): boolean => resourceVersion !== undefined || (uid !== undefined && uid !== metadata.uid);

/** Counts the disruption at once, so that two evictions never share one; a dry run only looks. */
async function takeDisruption(env: Environment, pod: EvictedPod, dryRun: boolean): Promise<Basis> {
  if (hasEnded(pod)) return ANY;
  if (pod.status?.phase === 'Pending') return { type: 'pending' };
  const [budget, ...others] = budgetsOf(env, pod);
  if (others.length > 0) throw new StatusError('InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  if (budget === undefined) return ANY;
  if (isAlreadyDisrupted(pod, budget)) return { type: 'not-ready', budget: budget.metadata.name };
  const target = { resource: POD_DISRUPTION_BUDGETS, namespace: budget.metadata.namespace ?? '', name: budget.metadata.name };
  await guaranteedUpdate(env, target, async ({ object }) => {
    const live = object as Budget;
    const allowed = disruptionsOf(live);
    if (dryRun) return { type: 'keep', object };
    const disruptedPods = { ...live.status?.disruptedPods, [pod.metadata.name]: formatTime(env.clock.now()) };
    const conditions = allowed > 1 ? {} : { conditions: withoutDisruptions(live, formatTime(env.clock.now())) };
    return { type: 'put', object: { ...live, status: { ...live.status, disruptionsAllowed: allowed - 1, disruptedPods, ...conditions } } as KubeObject };
  });
  return ANY;
}

/** Who waits for a budget to allow more sees at once that it does not, before its controller counts again. */
function withoutDisruptions({ status }: Budget, now: string): NonNullable<NonNullable<Budget['status']>['conditions']> {
  const { conditions = [], observedGeneration } = status ?? {};
  const last = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = last?.status === 'False' ? last.lastTransitionTime : now;
  const condition = { type: 'DisruptionAllowed', status: 'False' as const, reason: 'InsufficientPods', message: '', lastTransitionTime, ...(observedGeneration === undefined ? {} : { observedGeneration }) };
  return last === undefined ? [...conditions, condition] : conditions.map((other) => (other === last ? condition : other));
}

/** A pod that is not ready counts for nothing while enough others are, or when the budget says so. */
function isAlreadyDisrupted(pod: EvictedPod, { spec, status }: Budget): boolean {
  if (pod.status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True')) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** How many more pods may go. @throws StatusError TooManyRequests when none may */
function disruptionsOf(budget: Budget): number {
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {}, currentHealthy = 0, desiredHealthy = 0, conditions = [] } = budget.status ?? {};
  const { name, generation = 0 } = budget.metadata;
  if (observedGeneration < generation) throw inProcess(name);
  if (disruptionsAllowed < 0) throw forbidden(POD_DISRUPTION_BUDGETS, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED) throw forbidden(POD_DISRUPTION_BUDGETS, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (disruptionsAllowed > 0) return disruptionsAllowed;
  const failed = conditions.find(({ type, status, reason }) => type === 'DisruptionAllowed' && status === 'False' && reason === 'SyncFailed');
  if (failed !== undefined) throw refused(`The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`);
  throw refused(`The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`);
}

const inProcess = (budget: string): StatusError => refused(`The disruption budget ${budget} is still being processed by the server.`, PROCESSING_SECONDS);
const refused = (message: string, retryAfterSeconds?: number): StatusError => new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
  details: { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
});
