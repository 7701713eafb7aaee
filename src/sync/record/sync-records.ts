import { randomBytes } from 'node:crypto';
import { APPLICATION_LABEL, DELETION_LABEL, type Application, type HistoryPolicy, type Sync, type SyncRecordStatus, type SyncTrigger } from '#api/headway/v1/types.ts';
import type { TransactionItem } from '#api/headway/v1/transaction.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import { APPLICATIONS, SYNCS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { labelOf } from '../application/application-names.ts';
import { submitTransaction } from '../apply/transaction.ts';
import { OpenRecord, type RecordOutcome } from './open-record.ts';
import type { KnownRecords, RecordBook } from './record-book.ts';
import { expiredRecords, type RecordAge } from './retention.ts';

/** Names stay below what a label's value takes. */
const MAX_NAME_LENGTH = 240;
/** Records of a namespace that outlive their applications. */
const MAX_DELETIONS = 100;

export interface NewRecord {
  readonly revision: string;
  readonly trigger: SyncTrigger;
}

export interface SyncRecordsOptions {
  /** Of sync itself. */
  readonly client: Client;
  /** Of all applications. */
  readonly book: RecordBook;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The `Sync` objects of one application. What is written after the fact is written in the background, one write after the other. */
export class SyncRecords {
  readonly #options: SyncRecordsOptions;
  readonly #target: { readonly namespace: string | undefined; readonly label: string; readonly name: string };
  #last: Promise<void> = Promise.resolve();

  constructor(application: Application, options: SyncRecordsOptions) {
    this.#options = options;
    this.#target = { namespace: application.metadata.namespace, name: application.metadata.name, label: labelOf(application) };
  }

  /** What an earlier process left `Running`: the record of this commit, to go on with, and whether there were others, which are closed. `isApplied`: the commit has been applied in full. */
  async adopt(revision: string, isApplied: boolean): Promise<{ readonly record: OpenRecord | undefined; readonly hasOthers: boolean }> {
    const left = (await this.#known()).left.splice(0);
    const begun = left.filter(({ spec: { trigger, revision: of } }) => trigger.type !== 'Drift' && trigger.type !== 'Deletion' && !(isApplied && of === revision));
    const own = begun.find(({ spec }) => spec.revision === revision);
    for (const sync of left) {
      if (sync === own) continue;
      const record = this.#recordOf(sync);
      this.close(record, sync.spec.revision === revision && isApplied ? { phase: 'Succeeded', message: 'the process ended before all that was done had been written down' } : { phase: 'Superseded' });
    }
    return { record: own && this.#recordOf(own), hasOthers: begun.some((sync) => sync !== own) };
  }

  /** The record of a deletion that an earlier process has begun. */
  async adoptDeletion(): Promise<OpenRecord | undefined> {
    const { left } = await this.#known();
    const i = left.findIndex(({ spec }) => spec.trigger.type === 'Deletion');
    const [own] = i === -1 ? [] : left.splice(i, 1);
    return own && this.#recordOf(own);
  }

  /** Resolves when the record is stored, in phase `Running`. */
  open(application: Application, { record, ...what }: NewRecord & { readonly record: OpenRecord }, signal: AbortSignal): Promise<void> {
    return this.#create(application, record, { ...what, status: record.status({ phase: 'Running' }) }, signal);
  }

  /** A record that will be told of when it is whole. */
  prepare(): OpenRecord {
    return new OpenRecord({ name: `${this.#target.name.slice(0, MAX_NAME_LENGTH)}-${randomBytes(4).toString('hex')}`, clock: this.#options.clock });
  }

  /** Writes down, in the background, what is over already; by default an attempt that ended before anything was changed. */
  tell(application: Application, what: NewRecord, outcome: RecordOutcome, record = this.prepare()): void {
    const status = record.status(outcome);
    void this.#later(async () => {
      await this.#create(application, record, { ...what, status });
      await this.#expire(application);
    });
  }

  /** Resolves when what is known so far is stored. */
  async flush(record: OpenRecord): Promise<void> {
    await this.#last;
    await this.#write(record, { phase: 'Running' });
  }

  /** The last record of an application; resolves when it is stored. Of those that outlive theirs, the oldest of the namespace make room. */
  async closeLast(record: OpenRecord, outcome: RecordOutcome): Promise<void> {
    await this.#later(() => this.#write(record, outcome));
    await this.#later(() => this.#expireDeletions());
  }

  /** In the background; the oldest records make room. */
  close(record: OpenRecord, outcome: RecordOutcome, application?: Application): void {
    void this.#later(async () => {
      await this.#write(record, outcome);
      if (application) await this.#expire(application);
    });
  }

  #recordOf = ({ metadata, status }: Sync): OpenRecord => new OpenRecord({ name: metadata.name, clock: this.#options.clock, before: status });

  async #create({ metadata, spec }: Application, { name }: OpenRecord, { revision, trigger, status }: NewRecord & { readonly status: SyncRecordStatus }, signal?: AbortSignal): Promise<void> {
    // Before the record is made: the book would take it for one that another process left.
    const { ages } = await this.#known();
    const isLast = trigger.type === 'Deletion';
    const owner = { apiVersion: apiVersionOf(APPLICATIONS), kind: APPLICATIONS.kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
    const labels = { [APPLICATION_LABEL]: this.#target.label, ...(isLast ? { [DELETION_LABEL]: 'true' } : {}) };
    await this.#options.client.create(SYNCS, {
      apiVersion: 'headway.dev/v1', kind: 'Sync', spec: { application: metadata.name, repository: spec.repository, revision, trigger }, status,
      metadata: { namespace: metadata.namespace, name, labels, ownerReferences: isLast ? [] : [owner] },
    }, signal ? { signal } : {});
    const age = { name, startedAt: this.#options.clock.now() };
    ages.set(name, age);
    if (isLast) (await this.#options.book.deletionsIn(metadata.namespace ?? '')).set(name, age);
  }

  async #write(record: OpenRecord, outcome: RecordOutcome): Promise<void> {
    try {
      await this.#options.client.patch(SYNCS, { namespace: this.#target.namespace, name: record.name }, { type: 'merge', body: { status: record.status(outcome) } }, { subresource: 'status' });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  #known(): Promise<KnownRecords> {
    return this.#options.book.of(this.#target.label);
  }

  async #expire({ spec }: Application): Promise<void> {
    await this.#makeRoom((await this.#known()).ages, spec.syncPolicy?.history ?? {});
  }

  async #expireDeletions(): Promise<void> {
    await this.#makeRoom(await this.#options.book.deletionsIn(this.#target.namespace ?? ''), { count: MAX_DELETIONS });
  }

  async #makeRoom(ages: Map<string, RecordAge>, policy: HistoryPolicy): Promise<void> {
    const expired = expiredRecords([...ages.values()], policy, this.#options.clock.now());
    await this.#delete(expired);
    for (const name of expired) ages.delete(name);
  }

  async #delete(names: readonly string[]): Promise<void> {
    const items = names.map((name): TransactionItem => ({ delete: { apiVersion: 'headway.dev/v1', kind: 'Sync', name, ...(this.#target.namespace ? { namespace: this.#target.namespace } : {}) } }));
    await submitTransaction(this.#options.client, items, { signal: new AbortController().signal });
  }

  /** Its failures are logged. */
  #later(write: () => Promise<void>): Promise<void> {
    return (this.#last = this.#last.then(write).catch((error: unknown) => this.#options.log.warn('the record of a sync could not be written', { error })));
  }
}
