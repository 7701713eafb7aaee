import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { NamespacedName } from '#api/object.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { Lister } from '#client/informer.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import type { Applier } from '../apply/applier.ts';
import type { SourceError } from '../errors.ts';
import type { HealGuard } from '../heal/heal-guard.ts';
import type { Identity } from '../inventory/identity.ts';
import type { Owners } from '../inventory/owners.ts';
import type { LiveObjects } from '../live/live-objects.ts';
import type { DeclaredObject } from '../policy/project-rules.ts';
import type { RecordBook } from '../record/record-book.ts';
import type { FileRenderer } from '../render/renderer.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import type { KeySecrets } from '../secrets/key-secrets.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import type { FaultPoints } from './fault-points.ts';
import type { Gate } from './gate.ts';
import type { IdleReports } from './idle-reports.ts';

/** What an application may ask of all others. */
export interface Others {
  /** Whether one that may have the same news has still to look at them. */
  arePending(application: Application): boolean;
  /** One of the same namespace that declares the object in a commit that is under way, or was refused to it. */
  declaring(application: Application, identity: Identity): NamespacedName | undefined;
}

/** What one application's sync works with; shared by all of them. */
export interface ApplicationContext {
  /** Of sync itself: its own objects, and reads. */
  readonly client: Client;
  /** All are asked, in this order, before a sync starts. */
  readonly gates: readonly Gate[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly scheme: Scheme;
  readonly live: LiveObjects;
  readonly pods: Lister<Pod>;
  readonly applier: Applier;
  readonly guard: HealGuard;
  readonly owners: Owners;
  readonly records: RecordBook;
  readonly idleReports: IdleReports;
  readonly faults: FaultPoints;
  readonly renderer: FileRenderer;
  readonly units: UnitRendering;
  readonly others: Others;
  /** Acts as whom the application's objects are written. */
  clientFor(application: Application): Client;
  readonly keys: Pick<KeySecrets, 'source'>;
  /** What of its objects the application's project forbids. */
  refusals(application: Application, objects: Iterable<DeclaredObject>): readonly SyncError[];
  /** The newest commit of the application's repository, or why there is none. */
  source(application: Application): { readonly tracked?: TrackedRevision; readonly error?: SourceError };
  /** Told when the health of what an application has applied is known. */
  settled(key: NamespacedName): void;
  /** Has the application's job run (again). */
  enqueue(key: NamespacedName): void;
}
