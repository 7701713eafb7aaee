import type { InventoryEntry, SyncError } from '#api/headway/v1/types.ts';
import type { TransactionItem, TransactionResult } from '#api/headway/v1/transaction.ts';
import type { KubeObject } from '#api/object.ts';
import { NAMESPACES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { changeRecord } from '../audit/change-record.ts';
import { describe, entryApiVersion, identityOfEntry } from '../inventory/identity.ts';
import type { LiveObjects } from '../live/live-objects.ts';
import { planWaves } from '../waves/waves.ts';
import { applyItem } from './apply-item.ts';
import type { DesiredObject } from './desired-object.ts';
import { deletionOf, planPrune, type PruneCandidate, type PrunePlan } from './prune.ts';
import { refusalsOf } from './refusals.ts';
import { submitTransaction } from './transaction.ts';

export interface ApplyOutcome {
  readonly errors: readonly SyncError[];
  /** Objects that were created or updated. */
  readonly written: readonly DesiredObject[];
}

export interface ApplyContext {
  /** Acts as whom the application is applied. */
  readonly client: Client;
  readonly revision: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Writes an application's objects: checked as a whole first, then wave by wave. */
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
  async check(changed: readonly DesiredObject[], { client, signal }: Pick<ApplyContext, 'client' | 'signal'>): Promise<readonly SyncError[]> {
    const coming = new Set(changed.flatMap(({ object }) => (object.kind === 'Namespace' && !this.#live.byKey(NAMESPACES, object.metadata.name) ? [object.metadata.name] : [])));
    const objects = changed.filter(({ object }) => object.kind !== 'Pod' || !coming.has(object.metadata.namespace ?? ''));
    const results = await submitTransaction(client, await this.#items(objects, { client, signal }), { dryRun: true, signal });
    return refusals(objects, results);
  }

  /** Stops at the first wave that is refused: what comes later may need it. */
  async apply(objects: readonly DesiredObject[], context: ApplyContext): Promise<ApplyOutcome> {
    const written: DesiredObject[] = [];
    for (const wave of planWaves(objects, ({ object }) => object)) {
      context.signal.throwIfAborted();
      const before = wave.map(({ resource, object }) => this.#live.get(resource, object));
      const results = await submitTransaction(context.client, await this.#items(wave, context), { revision: context.revision, signal: context.signal });
      const errors = refusals(wave, results);
      if (errors.length > 0) return { errors, written };
      wave.forEach((desired, i) => {
        const result = results[i];
        if (result?.outcome !== 'created' && result?.outcome !== 'updated') return;
        written.push(desired);
        this.#record(desired, result, before[i], context);
      });
    }
    return { errors: [], written };
  }

  #items(objects: readonly DesiredObject[], context: Pick<ApplyContext, 'client' | 'signal'>): Promise<readonly TransactionItem[]> {
    return Promise.all(objects.map((desired) => applyItem(desired, async () => this.#live.get(desired.resource, desired.object) ?? this.#find(desired, context))));
  }

  /** The object as it is stored, whoever made it. */
  async #find({ resource, object }: DesiredObject, { client, signal }: Pick<ApplyContext, 'client' | 'signal'>): Promise<KubeObject | undefined> {
    try {
      return await client.get(resource, { namespace: object.metadata.namespace, name: object.metadata.name }, { signal });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Deletes what the inventory has and Git no longer names, as far as it is ours. */
  async prune(entries: readonly InventoryEntry[], label: string, context: ApplyContext): Promise<PrunePlan> {
    const candidates = await Promise.all(entries.map((entry) => this.#candidate(entry, context)));
    const plan = planPrune(candidates.filter((candidate) => candidate !== undefined), label);
    for (const wave of plan.waves) {
      context.signal.throwIfAborted();
      const results = await submitTransaction(context.client, wave.map(deletionOf), { revision: context.revision, signal: context.signal });
      wave.forEach(({ entry }, i) => {
        const error = results[i]?.error;
        if (error && error.reason !== 'NotFound') context.log.warn('an object could not be pruned', { object: describe(entry.kind, entry), reason: error.reason, message: error.message });
        else context.log.info('object pruned', { object: describe(entry.kind, entry), path: entry.path, revision: context.revision });
      });
    }
    return plan;
  }

  async #candidate(entry: InventoryEntry, { client, signal }: ApplyContext): Promise<PruneCandidate | undefined> {
    const resource = this.#scheme.byKind(entryApiVersion(entry), entry.kind);
    if (!resource) return undefined;
    const identity = identityOfEntry(resource, entry);
    try {
      return { identity, entry, live: await client.get(resource, { namespace: entry.namespace, name: entry.name }, { signal }) };
    } catch (error) {
      if (isStatus(error, 'NotFound')) return { identity, entry, live: undefined };
      throw error;
    }
  }

  #record({ object, source }: DesiredObject, result: TransactionResult, before: Parameters<typeof changeRecord>[0], { log, revision }: ApplyContext): void {
    log.info(`object ${result.outcome}`, {
      object: describe(object.kind, object.metadata), path: source.path, line: source.line, revision,
      ...(result.object && before ? { patch: changeRecord(before, result.object) } : {}),
    });
  }
}

const refusals = (objects: readonly DesiredObject[], results: readonly TransactionResult[]): readonly SyncError[] =>
  objects.flatMap((desired, i) => {
    const error = results[i]?.error;
    return error ? refusalsOf(desired, error) : [];
  });
