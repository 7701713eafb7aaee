import type { Operation } from 'fast-json-patch';
import type { InventoryEntry, SyncError } from '#api/headway/v1/types.ts';
import type { TransactionItem, TransactionResult } from '#api/headway/v1/transaction.ts';
import type { KubeObject } from '#api/object.ts';
import { NAMESPACES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { changeRecord } from '../audit/change-record.ts';
import { driftBetween, driftOf } from '../heal/drift.ts';
import type { Found } from '../heal/reported-drift.ts';
import { describe, type Identity, identityOfEntry, resourceOfEntry } from '../inventory/identity.ts';
import type { LiveObjects } from '../live/live-objects.ts';
import { planWaves } from '../waves/waves.ts';
import { applyItem } from './apply-item.ts';
import type { DesiredObject } from './desired-object.ts';
import { deletionOf, planPrune, type PruneCandidate, type PrunePlan, type PruneRules } from './prune.ts';
import { refusalsOf } from './refusals.ts';
import { submitTransaction } from './transaction.ts';

/** An object that is as it should be, and what it took. */
export interface AppliedObject {
  readonly desired: DesiredObject;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** From the object before to the one after, when it was known. */
  readonly patch?: readonly Operation[];
  /** As it is now. */
  readonly object: KubeObject;
}

export interface ApplyOutcome {
  readonly errors: readonly SyncError[];
  readonly applied: readonly AppliedObject[];
}

export interface CheckOutcome {
  readonly refused: readonly { readonly desired: DesiredObject; readonly errors: readonly SyncError[] }[];
  /** What would be created or updated. */
  readonly changing: readonly DesiredObject[];
  /** What is made anew: their change was refused, or would be one, and their annotations ask for it. */
  readonly recreated: readonly DesiredObject[];
}

export interface PrunedObject {
  readonly entry: InventoryEntry;
  readonly outcome: 'deleted' | 'kept' | 'failed';
  readonly message?: string;
}

export interface ApplyContext {
  /** Acts as whom the application is applied. */
  readonly client: Client;
  /** Looks at what is to be deleted. Default: `client`. */
  readonly reader?: Client;
  readonly revision: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Writes an application's objects, each call one transaction. */
export class Applier {
  readonly #live: LiveObjects;
  readonly #scheme: Scheme;

  constructor(options: { readonly live: LiveObjects; readonly scheme: Scheme }) {
    this.#live = options.live;
    this.#scheme = options.scheme;
  }

  /**
   * What the API would refuse; nothing is written. One transaction, in which namespaces that come with it count as present; pods
   * in them cannot be judged before their service account is there.
   */
  async check(changed: readonly DesiredObject[], { client, signal }: Pick<ApplyContext, 'client' | 'signal'>): Promise<CheckOutcome> {
    const coming = new Set(changed.flatMap(({ object }) => (object.kind === 'Namespace' && !this.#live.byKey(NAMESPACES, object.metadata.name) ? [object.metadata.name] : [])));
    const isLater = ({ object }: DesiredObject): boolean => object.kind === 'Pod' && coming.has(object.metadata.namespace ?? '');
    const objects = changed.filter((desired) => !isLater(desired));
    const results = await submitTransaction(client, await this.#items(objects, { client, signal }), { dryRun: true, signal });
    const recreated = objects.filter((desired, i) => isRecreated(desired, results[i] ?? {}, this.#live.get(desired.resource, desired.object)));
    return {
      refused: objects.flatMap((desired, i) => (results[i]?.error && !recreated.includes(desired) ? [{ desired, errors: refusals(desired, results[i]) }] : [])), recreated,
      changing: [...objects.filter((desired, i) => isWrite(results[i]) && !recreated.includes(desired)), ...changed.filter(isLater), ...recreated],
    };
  }

  /** How each object is beside what it should be, by a dry run. What the API would refuse is left out, as nothing is known of it. */
  async compare(objects: readonly DesiredObject[], { client, signal }: Pick<ApplyContext, 'client' | 'signal'>): Promise<ReadonlyMap<Identity, Found>> {
    const due = objects.filter(({ options }) => options.apply === 'always');
    const results = await submitTransaction(client, await this.#items(due, { client, signal }), { dryRun: true, signal });
    const live = await Promise.all(due.map((desired) => this.find(desired, { client, signal })));
    return new Map(due.flatMap(({ identity, source }, i) => {
      const found = results[i]?.error ? undefined : foundAs(live[i], results[i]?.object, source.hide);
      return found ? [[identity, found] as const] : [];
    }));
  }

  /** All or nothing. What is to be left alone, or exists and is only to be made once, is left out. */
  async applyAtOnce(objects: readonly DesiredObject[], context: ApplyContext): Promise<ApplyOutcome> {
    const due = objects.filter(({ options, resource, object }) => options.apply === 'always' || (options.apply === 'once' && !this.#live.get(resource, object)));
    const before = due.map(({ resource, object }) => this.#live.get(resource, object));
    const results = await submitTransaction(context.client, await this.#items(due, context), { revision: context.revision, signal: context.signal });
    const errors = due.flatMap((desired, i) => refusals(desired, results[i]));
    if (errors.length > 0) return { errors, applied: [] };
    const applied = due.map((desired, i) => appliedObject(desired, results[i], before[i]));
    for (const one of applied) record(one, context);
    return { errors, applied };
  }

  /** The same in the order of waves, without waiting in between; stops at the first that is refused, as what comes later may need it. */
  async apply(objects: readonly DesiredObject[], context: ApplyContext): Promise<ApplyOutcome> {
    const applied: AppliedObject[] = [];
    for (const wave of planWaves(objects, ({ object }) => object)) {
      context.signal.throwIfAborted();
      const outcome = await this.applyAtOnce(wave, context);
      applied.push(...outcome.applied);
      if (outcome.errors.length > 0) return { errors: outcome.errors, applied };
    }
    return { errors: [], applied };
  }

  #items(objects: readonly DesiredObject[], context: Pick<ApplyContext, 'client' | 'signal'>): Promise<readonly TransactionItem[]> {
    return Promise.all(objects.map((desired) => applyItem(desired, async () => this.#live.get(desired.resource, desired.object) ?? this.find(desired, context))));
  }

  /** The object as it is stored, whoever made it; undefined when there is none. */
  async find({ resource, object }: Pick<DesiredObject, 'resource' | 'object'>, { client, signal }: Pick<ApplyContext, 'client' | 'signal'>): Promise<KubeObject | undefined> {
    try {
      return await client.get(resource, { namespace: object.metadata.namespace, name: object.metadata.name }, { signal });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Deletes exactly these objects, in one transaction; those that are gone already are no error. */
  async delete(objects: readonly KubeObject[], context: ApplyContext): Promise<void> {
    const items = objects.map(({ apiVersion, kind, metadata: { namespace, name, uid } }): TransactionItem => ({ delete: { apiVersion, kind, name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}) } }));
    await submitTransaction(context.client, items, { revision: context.revision, signal: context.signal });
  }

  /** Deletes what the inventory has and Git no longer names, as far as it is ours. */
  async prune(entries: readonly InventoryEntry[], rules: PruneRules, context: ApplyContext): Promise<readonly PrunedObject[]> {
    const plan = await this.#planPrune(entries, rules, context);
    const pruned: PrunedObject[] = plan.kept.map(({ entry }) => ({ entry, outcome: 'kept' }));
    for (const wave of plan.waves) {
      context.signal.throwIfAborted();
      const results = await submitTransaction(context.client, wave.map(deletionOf), { revision: context.revision, signal: context.signal });
      pruned.push(...wave.map(({ entry }, i) => prunedObject(entry, results[i])));
    }
    for (const one of pruned) tellPruned(one, context);
    return pruned;
  }

  /** Those of the entries that {@link prune} would delete. */
  async prunable(entries: readonly InventoryEntry[], rules: PruneRules, context: ApplyContext): Promise<readonly InventoryEntry[]> {
    return (await this.#planPrune(entries, rules, context)).waves.flat().map(({ entry }) => entry);
  }

  /** What of the entries is there; those of kinds that are served no more are left out. */
  async look(entries: readonly InventoryEntry[], call: Pick<ApplyContext, 'client' | 'signal'>): Promise<readonly PruneCandidate[]> {
    const found = await Promise.all(entries.map((entry) => this.#candidate(entry, call)));
    return found.filter((candidate) => candidate !== undefined);
  }

  async #planPrune(entries: readonly InventoryEntry[], rules: PruneRules, { client, reader = client, signal }: ApplyContext): Promise<PrunePlan> {
    return planPrune(await this.look(entries, { client: reader, signal }), rules);
  }

  async #candidate(entry: InventoryEntry, { client, signal }: Pick<ApplyContext, 'client' | 'signal'>): Promise<PruneCandidate | undefined> {
    const resource = resourceOfEntry(this.#scheme, entry);
    if (!resource) return undefined;
    const identity = identityOfEntry(resource, entry);
    try {
      return { identity, entry, live: await client.get(resource, { namespace: entry.namespace, name: entry.name }, { signal }) };
    } catch (error) {
      if (isStatus(error, 'NotFound')) return { identity, entry, live: undefined };
      throw error;
    }
  }
}

/** A field that somebody else owns with the value that it should have is as it should be. */
function foundAs(live: KubeObject | undefined, wanted: KubeObject | undefined, hide: DesiredObject['source']['hide']): Found {
  if (!live) return { type: 'drifted', drift: undefined };
  const changes = wanted ? changeRecord(live, wanted, hide) : [];
  return wanted && changes.length > 0 ? { type: 'drifted', drift: driftBetween(wanted, live) ?? driftOf(changes.map(({ path }) => ({ steps: stepsOf(path), takers: [] }))) } : { type: 'same' };
}

/** Of a JSON pointer, as FieldsV1 has them. */
const stepsOf = (pointer: string): readonly string[] => pointer.split('/').slice(1).map((step) => `f:${step.replaceAll('~1', '/').replaceAll('~0', '~')}`);

const isWrite = (result: TransactionResult | undefined): boolean => result?.outcome === 'created' || result?.outcome === 'updated';
/** With these, all that is in them would go. */
const CONTAINERS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition']);

const ORIGIN = /^\/metadata\/annotations\/headway\.dev~1(?:commit|author|path)$/;

/** Another commit at its annotation alone is no change for which an object is made anew. */
function isRecreated({ options: { recreates }, object, source }: DesiredObject, { error, outcome, object: after }: TransactionResult, live: KubeObject | undefined): boolean {
  if (recreates === 'never' || CONTAINERS.has(object.kind)) return false;
  if (error) return error.reason === 'Invalid';
  return recreates === 'whenChanged' && outcome === 'updated' && (!live || !after || changeRecord(live, after, source.hide).some(({ path }) => !ORIGIN.test(path)));
}

const refusals = (desired: DesiredObject, result: TransactionResult | undefined): readonly SyncError[] => (result?.error ? refusalsOf(desired, result.error) : []);

function appliedObject(desired: DesiredObject, result: TransactionResult | undefined, before: KubeObject | undefined): AppliedObject {
  const outcome = result?.outcome === 'created' || result?.outcome === 'updated' ? result.outcome : 'unchanged';
  const object = result?.object ?? desired.object;
  return { desired, outcome, object, ...(outcome === 'updated' && before ? { patch: changeRecord(before, object, desired.source.hide) } : {}) };
}

function record({ desired: { object, source }, outcome, patch }: AppliedObject, { log, revision }: ApplyContext): void {
  if (outcome !== 'unchanged') log.info(`object ${outcome}`, { object: describe(object.kind, object.metadata), path: source.path, line: source.line, revision, ...(patch ? { patch } : {}) });
}

const prunedObject = (entry: InventoryEntry, { error }: TransactionResult = {}): PrunedObject =>
  error && error.reason !== 'NotFound' ? { entry, outcome: 'failed', message: `${error.reason}: ${error.message}` } : { entry, outcome: 'deleted' };

function tellPruned({ entry, outcome, message }: PrunedObject, { log, revision }: ApplyContext): void {
  const facts = { object: describe(entry.kind, entry), path: entry.path, revision };
  if (outcome === 'deleted') log.info('object pruned', facts);
  else if (outcome === 'kept') log.info('an object is kept that Git no longer names', facts);
  else log.warn('an object could not be pruned', { ...facts, message });
}
