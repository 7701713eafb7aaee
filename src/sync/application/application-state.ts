import type { Application, InventoryEntry } from '#api/headway/v1/types.ts';
import { keyOf, type NamespacedName } from '#api/object.ts';
import type { Logger } from '#base/logger.ts';
import type { Drift } from '../heal/drift.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { entryApiVersion, identityOfEntry, type Identity } from '../inventory/identity.ts';
import { labelOf } from './application-names.ts';
import type { ApplicationContext } from './context.ts';
import { HealthReporter } from './health-reporter.ts';
import { StatusWriter } from './status-writer.ts';

/** A commit under a spec that was refused, and when it is tried again. */
export interface Refusal {
  readonly attempt: string;
  /** By the monotonic clock, in milliseconds. */
  readonly until: number;
}

/** What the steps of one application's sync know and share. All of it is rebuilt from the cluster and Git when the process starts. */
export class ApplicationState {
  readonly key: NamespacedName;
  readonly label: string;
  readonly context: ApplicationContext;
  readonly log: Logger;
  readonly status: StatusWriter;
  readonly health: HealthReporter;
  application: Application;
  /** What is applied; undefined until the first sync of this process. */
  index: ApplicationIndex | undefined;
  drifted: ReadonlyMap<Identity, Drift | undefined> = new Map();
  refused: Refusal | undefined;
  /** The attempt that was applied in full. */
  applied = '';
  #inventory: ReadonlyMap<Identity, InventoryEntry> = new Map();

  constructor(application: Application, context: ApplicationContext) {
    this.key = keyOf(application);
    this.label = labelOf(application);
    this.application = application;
    this.context = context;
    this.log = context.log.child({ application: this.key });
    this.status = new StatusWriter(application, context);
    this.health = new HealthReporter(this);
    const entries = (application.status?.inventory ?? []).flatMap((entry) => {
      const resource = context.scheme.byKind(entryApiVersion(entry), entry.kind);
      return resource ? [[identityOfEntry(resource, entry), entry] as const] : [];
    });
    this.inventory = new Map(entries);
  }

  /** What may exist because of us, written to the status before it is made; more than the index while a sync is under way. */
  get inventory(): ReadonlyMap<Identity, InventoryEntry> {
    return this.#inventory;
  }

  set inventory(inventory: ReadonlyMap<Identity, InventoryEntry>) {
    for (const [identity, entry] of inventory) if (!this.#inventory.has(identity)) this.#watch(entry);
    this.#inventory = inventory;
  }

  #watch(entry: InventoryEntry): void {
    const resource = this.context.scheme.byKind(entryApiVersion(entry), entry.kind);
    if (resource) this.context.live.watch(resource);
  }
}
