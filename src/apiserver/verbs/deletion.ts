import type { DeleteOptions } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { formatTime } from '#base/clock.ts';
import { isFinished } from '../registry/prepare-update.ts';
import { strategyOf } from '../registry/strategies.ts';
import type { Strategy } from '../registry/strategy.ts';
import { isEqual } from '../storage/equality.ts';
import type { Decision } from '../storage/guaranteed-update.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** The end of the year 9999: no later time can be written. */
const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** What a deletion does to an object now: it goes, or it is marked and waits for its grace period and its finalizers. */
export function planDeletion(resource: ResourceType, object: KubeObject, options: Partial<DeleteOptions>, nowMs: number): Decision {
  const strategy = strategyOf(resource);
  // What its own finalizers hold is deleted once: no later deletion says it otherwise.
  if (object.metadata.deletionTimestamp !== undefined && strategy.hasFinalizers?.(object)) return { type: 'keep', object };
  const left = graceLeft(strategy, object);
  const asked = options.gracePeriodSeconds === undefined ? undefined : graceOf(options.gracePeriodSeconds);
  if (left > 0 && (asked ?? left) >= left) return { type: 'keep', object };
  const finalizers = finalizersFor(strategy, object, options);
  const grace = left > 0 ? (asked ?? left) : (strategy.gracePeriodSeconds?.(object, asked) ?? 0);
  const held = withFinalizers(object, finalizers);
  const isTimeOnly = strategy.hasFinalizers?.(object) === true || (strategy.marksTimeOnly === true && object.metadata.deletionTimestamp === undefined);
  const marked = isTimeOnly ? { ...held, metadata: { ...held.metadata, deletionTimestamp: formatTime(nowMs) } } : mark(held, grace, nowMs);
  const terminating = object.metadata.deletionTimestamp === undefined && strategy.markTerminating ? strategy.markTerminating(marked, nowMs) : marked;
  if (isFinished(strategy, terminating)) return { type: 'remove', last: isMarkedFirst(strategy) ? terminating : object };
  return isEqual(terminating, object) ? { type: 'keep', object } : { type: 'put', object: terminating };
}

/** Whether Kubernetes writes that the object is being deleted before it deletes it, so that its watchers see it with the last state; else it goes as it was. */
const isMarkedFirst = (strategy: Strategy): boolean => strategy.gracePeriodSeconds !== undefined || strategy.markTerminating !== undefined;

/** The time of grace that runs already: it can only be made shorter, and until then no deletion changes anything else. */
function graceLeft(strategy: Strategy, { metadata }: KubeObject): number {
  if (strategy.gracePeriodSeconds === undefined || metadata.deletionTimestamp === undefined) return 0;
  return graceOf(metadata.deletionGracePeriodSeconds ?? 0);
}

/** One of 2^53 or more is a bigint; a negative one is a second. */
function graceOf(seconds: number | bigint): number {
  return seconds < 0 ? 1 : Number(seconds);
}

/** Deletion is marked once; later ones can only shorten the time of grace, which began with the first and ends no earlier than now: who asks for some gets a second. */
function mark(object: KubeObject, graceSeconds: number, nowMs: number): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = object.metadata;
  if (deletionTimestamp !== undefined && graceSeconds >= deletionGracePeriodSeconds) return object;
  const beginMs = deletionTimestamp === undefined ? nowMs : Date.parse(deletionTimestamp) - Number(deletionGracePeriodSeconds) * 1000;
  const endMs = beginMs + graceSeconds * 1000;
  const metadata = {
    ...object.metadata, deletionTimestamp: formatTime(Math.min(Math.max(endMs, nowMs), LAST_TIME_MS)), deletionGracePeriodSeconds: endMs < nowMs ? Math.min(graceSeconds, 1) : graceSeconds,
    ...(generation !== undefined && deletionTimestamp === undefined ? { generation: generation + 1 } : {}),
  };
  return { ...object, metadata };
}

function withFinalizers(object: KubeObject, finalizers: readonly string[]): KubeObject {
  if (isEqual(finalizers, object.metadata.finalizers ?? [])) return object;
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
}

/** The policy is written down as a finalizer, which the garbage collector takes away when it has done its part. */
function finalizersFor(strategy: Strategy, object: KubeObject, options: Partial<DeleteOptions>): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const isSaid = present.includes(ORPHAN) || present.includes(FOREGROUND);
  const policy = options.propagationPolicy ?? (options.orphanDependents === undefined ? undefined : options.orphanDependents ? 'Orphan' : 'Background') ?? (strategy.orphansDependents && !isSaid ? 'Orphan' : undefined);
  if (policy === undefined && !strategy.ownsNothing) return present;
  const others = present.filter((f) => f !== ORPHAN && f !== FOREGROUND);
  if (strategy.ownsNothing) return others;
  const wanted = policy === 'Orphan' ? [...others, ORPHAN] : policy === 'Foreground' ? [...others, FOREGROUND] : others;
  // Those that are there already keep their order.
  return wanted.length === present.length && wanted.every((f) => present.includes(f)) ? present : wanted;
}
