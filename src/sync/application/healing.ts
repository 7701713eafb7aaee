import type { Application, SyncError } from '#api/headway/v1/types.ts';
import { keyOf } from '#api/object.ts';
import { NAMESPACES } from '#api/resources.ts';
import type { Logger } from '#base/logger.ts';
import type { AppliedObject } from '../apply/applier.ts';
import type { DesiredObject } from '../apply/desired-object.ts';
import type { Drift } from '../heal/drift.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { describe, type Identity } from '../inventory/identity.ts';
import type { ApplicationContext } from './context.ts';
import type { ConditionUpdate } from './status-writer.ts';
import type { PlanRequest } from './plan.ts';
import { renderFile } from './plain-plan.ts';
import { desiredOfUnit } from './unit-plan.ts';

export interface HealRequest {
  readonly context: ApplicationContext;
  readonly application: Application;
  readonly label: string;
  readonly index: ApplicationIndex;
  readonly drifted: ReadonlyMap<Identity, Drift | undefined>;
  readonly request: PlanRequest;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface HealOutcome {
  /** What could not be healed yet. */
  readonly remaining: ReadonlyMap<Identity, Drift | undefined>;
  readonly healed: readonly AppliedObject[];
  readonly errors: readonly SyncError[];
  readonly retryAfterMs?: number;
  /** Set while something drifts. */
  readonly condition?: ConditionUpdate;
}

/** What the API refuses now may be accepted soon: a namespace that is still going away, an owner that comes back. */
const REFUSED_RETRY_MS = 1000;
const DELETED = ['(the object)'];

/** Puts drifted objects back to what the last good commit says, in one pass. */
export async function healDrift(options: HealRequest): Promise<HealOutcome> {
  const { context, drifted, index, application } = options;
  const present = [...drifted].filter(([identity]) => index.objects.has(identity) && !isInDyingNamespace(identity, options) && context.owners.holder(keyOf(application), identity) === undefined);
  const judged = present.map(([identity, drift]) => ({ identity, drift, ...context.guard.admit(identity, drift?.fields ?? DELETED) }));
  const suspended = judged.filter(({ waitMs }) => waitMs > 0);
  for (const { identity, drift } of suspended) {
    context.events.event(application, { type: 'Warning', reason: 'HealingSuspended', action: 'Heal', message: `${identity}: ${by(drift)} changes ${what(drift)} again and again; left alone for a while` });
  }
  const due = judged.filter(({ waitMs }) => waitMs === 0);
  const objects = await desiredOf(due.map(({ identity }) => identity), options);
  const { errors, applied } = await context.applier.apply(objects, { client: context.clientFor(application), revision: index.revision, log: options.log, signal: options.signal });
  const healed = applied.filter(({ outcome }) => outcome !== 'unchanged');
  for (const one of healed) tellHealed(one, drifted.get(one.desired.identity), options);
  const failed = errors.length > 0 ? due.map(({ identity, drift }) => [identity, drift] as const) : [];
  const remaining = new Map([...suspended.map(({ identity, drift }) => [identity, drift] as const), ...failed]);
  if (remaining.size === 0) return { remaining, healed, errors };
  if (errors.length > 0) options.log.warn('drift could not be healed', { errors });
  const waits = [...suspended.map(({ waitMs }) => waitMs), ...(failed.length > 0 ? [REFUSED_RETRY_MS] : [])];
  return { remaining, healed, errors, retryAfterMs: Math.min(...waits), condition: driftCondition(errors[0]?.message ?? 'healing is suspended', remaining) };
}

/** Nothing can be made in a namespace that goes away; when it is gone, its deletion brings all of its objects here again. */
function isInDyingNamespace(identity: Identity, { index, context }: HealRequest): boolean {
  const namespace = index.objects.get(identity)?.entry.namespace;
  return namespace !== undefined && context.live.byKey(NAMESPACES, namespace)?.metadata.deletionTimestamp !== undefined;
}

/** What the applied commit says of objects. */
export async function desiredOf(identities: readonly Identity[], { index, request }: Pick<HealRequest, 'index' | 'request'>): Promise<readonly DesiredObject[]> {
  const wanted = new Set(identities);
  const found = identities.flatMap((identity) => index.placeOf(identity) ?? []);
  const files = new Set(found.flatMap(({ folder, file }) => (folder.unit ? [] : [file])));
  const units = new Set(found.flatMap(({ folder }) => (folder.unit ? [folder] : [])));
  const plain = await Promise.all([...files].map(async (file) => (await renderFile(file, request)).objects));
  const whole = await Promise.all([...units].map((folder) => desiredOfUnit(index, folder, wanted, request)));
  return [...plain, ...whole].flat().filter(({ identity, options }) => wanted.has(identity) && options.apply === 'always');
}

function tellHealed({ desired: { object, source }, outcome }: AppliedObject, drift: Drift | undefined, { context, application, log }: HealRequest): void {
  const name = describe(object.kind, object.metadata);
  const place = `${source.path}:${source.line}`;
  // One whose label somebody took off is not seen any more, but there.
  const lost = outcome === 'created' ? `${name} had been deleted; made again from ${place}` : `${name} was not the application's any more; put back to ${place}`;
  const message = drift ? `${name}: ${by(drift)} had changed ${what(drift)}; put back to ${place}` : lost;
  context.events.event(application, { type: 'Normal', reason: 'DriftHealed', action: 'Heal', message });
  log.info('drift healed', { object: name, managers: drift?.managers ?? [], fields: drift?.fields ?? [], path: source.path });
}

export function driftCondition(why: string, drifted: ReadonlyMap<Identity, Drift | undefined>): ConditionUpdate {
  const texts = [...drifted].map(([identity, drift]) => (drift ? `${identity}: ${what(drift)} changed by ${by(drift)}` : `${identity} was deleted`));
  return { type: 'Synced', status: 'False', reason: 'Drifted', message: `${why}: ${texts.join('; ')}` };
}

const by = (drift: Drift | undefined): string => drift?.managers.join(', ') ?? 'somebody';
const what = (drift: Drift | undefined): string => drift?.fields.join(', ') ?? 'the object';

