import { APPLICATION_LABEL, DELETION_LABEL, type Sync } from '#api/headway/v1/types.ts';
import { SYNCS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import type { RecordAge } from './retention.ts';

const PAGE_SIZE = 500;

/** By name of the record. */
type RecordAges = Map<string, RecordAge>;

/** What is known of an application's records. */
export interface KnownRecords {
  readonly ages: RecordAges;
  /** Those that an earlier process left `Running`; who takes them up removes them. */
  readonly left: Sync[];
}

/**
 * Names and ages of all records, read once and kept from then on by those who write them: asked for application by application, a
 * thousand applications would read a thousand times a thousand records. Names of records that others deleted may stay; they do no harm.
 */
export class RecordBook {
  readonly #client: Pick<Client, 'list'>;
  readonly #applications = new Map<string, KnownRecords>();
  /** Those that outlive their applications, by namespace. */
  readonly #deletions = new Map<string, RecordAges>();
  #loading: Promise<void> | undefined;

  constructor(client: Pick<Client, 'list'>) {
    this.#client = client;
  }

  /** By the application's label. */
  async of(label: string): Promise<KnownRecords> {
    await this.#load();
    return this.#known(label);
  }

  async deletionsIn(namespace: string): Promise<RecordAges> {
    await this.#load();
    return this.#deletionsIn(namespace);
  }

  /** Its records go with the application, but for those that outlive it. */
  forget(label: string, namespace: string): void {
    const known = this.#applications.get(label);
    const deletions = this.#deletions.get(namespace);
    for (const name of known?.ages.keys() ?? []) if (!deletions?.has(name)) known?.ages.delete(name);
    if (known?.ages.size === 0) this.#applications.delete(label);
  }

  /** A try that failed is made again by whoever asks next. */
  #load(): Promise<void> {
    this.#loading ??= this.#readAll().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #readAll(): Promise<void> {
    this.#applications.clear();
    this.#deletions.clear();
    let token: string | undefined;
    do {
      const { items, metadata } = await this.#client.list(SYNCS, { limit: PAGE_SIZE, ...(token ? { continue: token } : {}) });
      for (const sync of items) this.#add(sync);
      token = metadata.continue;
    } while (token);
  }

  #add(sync: Sync): void {
    const { name, namespace = '', labels = {}, creationTimestamp = '' } = sync.metadata;
    const age = { name, startedAt: Date.parse(creationTimestamp) };
    const known = this.#known(labels[APPLICATION_LABEL] ?? '');
    known.ages.set(name, age);
    if (sync.status?.phase === 'Running') known.left.push(sync);
    if (DELETION_LABEL in labels) this.#deletionsIn(namespace).set(name, age);
  }

  #known(label: string): KnownRecords {
    const known = this.#applications.get(label) ?? { ages: new Map(), left: [] };
    this.#applications.set(label, known);
    return known;
  }

  #deletionsIn(namespace: string): RecordAges {
    const ages = this.#deletions.get(namespace) ?? new Map<string, RecordAge>();
    this.#deletions.set(namespace, ages);
    return ages;
  }
}
