import type { Application, Dependency } from '#api/headway/v1/types.ts';
import { keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { isConditionTrue, findCondition } from '#controller/conditions.ts';
import { healthOf } from '../health/rules.ts';
import { isApplication } from './cycles.ts';
import type { ReadyExpressions } from './ready-expressions.ts';

export interface ReadinessQuestion {
  readonly dependency: Dependency;
  readonly resource: ResourceType;
  readonly object: KubeObject;
  readonly expressions: ReadyExpressions;
  /** The commit at which an Application shall be; undefined when it is not known. */
  revisionOf(application: Application): string | undefined;
  isSettled(application: NamespacedName): boolean;
}

/** Why an object is not ready; undefined when it is. */
export function notReady({ dependency, resource, object, expressions, revisionOf, isSettled }: ReadinessQuestion): string | undefined {
  if (object.metadata.deletionTimestamp) return 'it is being deleted';
  if (dependency.ready) return expressions.notTrue(dependency.ready, object);
  if (isApplication(dependency)) return applicationNotReady(object as Application, revisionOf(object as Application)) ?? (isSettled(keyOf(object)) ? undefined : 'its health is not known yet');
  const { status, message } = healthOf(resource, object, { pods: [] });
  return status === 'Healthy' ? undefined : `it is ${status}${message === '' ? '' : `: ${message}`}`;
}

/** Reason of condition `Synced`, False: all that Git declares is applied, but what it no longer declares is still there. */
export const OUT_OF_SYNC = 'OutOfSync';
/** Objects are left out until their kind is served. */
export const AWAITING_KINDS = 'AwaitingKinds';

/** Its last good commit is no proof that the one in force works. */
function applicationNotReady({ metadata, status }: Application, revision: string | undefined): string | undefined {
  const isApplied = isConditionTrue(status?.conditions, 'Synced') || findCondition(status?.conditions, 'Synced')?.reason === OUT_OF_SYNC;
  if (status?.observedGeneration !== metadata.generation || !isApplied) return `it is not synced${whyOf(status, 'Synced')}`;
  if (revision === undefined || status?.syncedRevision !== revision) return `it is at ${status?.syncedRevision?.slice(0, 12)}, not yet at ${revision?.slice(0, 12) ?? 'its newest commit'}`;
  return isConditionTrue(status.conditions, 'Healthy') ? undefined : `it is not healthy${whyOf(status, 'Healthy')}`;
}

const whyOf = (status: Application['status'], type: string): string => {
  const condition = findCondition(status?.conditions, type);
  return condition?.status === 'False' ? `: ${condition.reason}: ${condition.message}` : '';
};
