import type { Application, InventoryEntry, SyncError } from '#api/headway/v1/types.ts';
import { keyOf, type NamespacedName } from '#api/object.ts';
import type { Logger } from '#base/logger.ts';
import type { Drift } from '../heal/drift.ts';
import { ReportedDrift } from '../heal/reported-drift.ts';
import type { ApplicationIndex, Inventory } from '../inventory/application-index.ts';
import { identityOfEntry, resourceOfEntry, type Identity } from '../inventory/identity.ts';
import { SyncRecords } from '../record/sync-records.ts';
import { labelOf } from './application-names.ts';
import type { ApplicationContext } from './context.ts';
import type { Deletion } from './deletion.ts';
import type { Due } from './due.ts';
import { HealRecorder } from './heal-recorder.ts';
import { HealthReporter } from './health-reporter.ts';
import type { Standing } from './standings.ts';
import { StatusWriter } from './status-writer.ts';
import type { SyncRun } from './sync-run.ts';

/** A commit under a spec that was refused, and when it is tried again. */
export interface Refusal {
  readonly attempt: string;
  /** What was refused: a commit that is the same need not be tried before its time. Undefined where only its own commit counts. */
  readonly index: ApplicationIndex | undefined;
  /** By the monotonic clock, in milliseconds; infinity when only a change helps. */
  readonly until: number;
  /** Tries of this attempt that failed. */
  readonly failures: number;
  readonly errors: readonly SyncError[];
}

/** An object of the inventory, most often one that Git does not name. */
export type Leftover = readonly [Identity, InventoryEntry];

/** What the steps of one application's sync know and share. All of it is rebuilt from the cluster and Git when the process starts. */
export class ApplicationState {
  readonly key: NamespacedName;
  readonly label: string;
  readonly context: ApplicationContext;
  readonly standing: Standing;
  readonly log: Logger;
  readonly status: StatusWriter;
  readonly health: HealthReporter;
  readonly records: SyncRecords;
  readonly heals: HealRecorder;
  /** What is applied; undefined until the first sync of this process. */
  index: ApplicationIndex | undefined;
  /** What was told of since the last heal; changed in place, as it comes in bursts. */
  drifted = new Map<Identity, Drift | undefined>();
  /** What drifts where it is not undone. */
  readonly reported = new ReportedDrift();
  /** The attempt that was applied in full. */
  applied = '';
  /** What is being planned. */
  planning: Due | undefined;
  /** What was refused for objects of others alone, and since when, by the monotonic clock: they may be about to let go of them. */
  contested: { readonly key: string; readonly since: number } | undefined;
  /** Of the Application itself, once it is asked for. */
  deletion: Deletion | undefined;
  /** A sync ended half way: what is applied may be of either commit, and the next sync looks at all of it. */
  isUncertain = false;
  #refused: Refusal | undefined;
  #run: SyncRun | undefined;
  #application: Application;
  #inventory: Inventory = new Map();

  constructor(application: Application, context: ApplicationContext, standing: Standing) {
    this.key = keyOf(application);
    this.label = labelOf(application);
    this.#application = withoutLists(application);
    this.context = context;
    this.standing = standing;
    this.log = context.log.child({ application: this.key });
    this.status = new StatusWriter(application, context);
    this.health = new HealthReporter(this);
    this.records = new SyncRecords(application, { client: context.client, book: context.records, clock: context.clock, log: this.log });
    this.heals = new HealRecorder(this);
    const entries = (application.status?.inventory ?? []).flatMap((entry) => {
      const resource = resourceOfEntry(context.scheme, entry);
      return resource ? [[identityOfEntry(resource, entry), { entry }] as const] : [];
    });
    this.inventory = new Map(entries);
  }

  /** As it was last seen, without the lists that the state has itself. */
  get application(): Application {
    return this.#application;
  }

  set application(application: Application) {
    this.#application = withoutLists(application);
  }

  get refused(): Refusal | undefined {
    return this.#refused;
  }

  set refused(refused: Refusal | undefined) {
    this.#refused = refused;
    this.#noteUndecided();
  }

  /** The sync that is under way. */
  get run(): SyncRun | undefined {
    return this.#run;
  }

  set run(run: SyncRun | undefined) {
    this.#run = run;
    this.#noteUndecided();
  }

  #noteUndecided(): void {
    this.standing.noteUndecided(this.#run !== undefined || this.#refused !== undefined);
  }

  /** What may exist because of us, written to the status before it is made; more than the index while a sync is under way. */
  get inventory(): Inventory {
    return this.#inventory;
  }

  set inventory(inventory: Inventory) {
    const { owners, live, scheme } = this.context;
    const isDeclared = (entry: InventoryEntry | undefined): boolean => entry !== undefined && !entry.requiresPruning;
    for (const [identity, { entry }] of this.#inventory) if (isDeclared(entry) && !isDeclared(inventory.get(identity)?.entry)) owners.release(this.key, identity);
    for (const [identity, { entry }] of inventory) {
      const before = this.#inventory.get(identity);
      // What Git no longer names may be taken over by whoever declares it.
      if (isDeclared(entry) && owners.holder(this.key, identity) === undefined) owners.claim(this.key, identity);
      const resource = before ? undefined : resourceOfEntry(scheme, entry);
      if (resource) live.watch(resource);
    }
    this.#inventory = inventory;
  }

  get entries(): readonly Leftover[] {
    return Array.from(this.#inventory, ([identity, { entry }]) => [identity, entry] as const);
  }

  /** What waits to be pruned. */
  get leftovers(): readonly Leftover[] {
    return this.entries.filter(([, { requiresPruning }]) => requiresPruning);
  }
}

/** Kept for as long as the application is there; in a thousand of them, what is as long as their inventories counts. */
function withoutLists({ status, ...rest }: Application): Application {
  const { inventory: _inventory, errors: _errors, ...short } = status ?? {};
  return { ...rest, ...(status ? { status: short } : {}) };
}
