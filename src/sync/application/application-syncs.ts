import type { Application } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { inSlices } from '#base/in-slices.ts';
import { folderChanges } from '../diff/folder-changes.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import type { Identity } from '../inventory/identity.ts';
import { labelOf } from './application-names.ts';
import { ApplicationSync } from './application-sync.ts';
import { changedFirst } from './changed-first.ts';
import type { ApplicationContext, Others } from './context.ts';
import { Standings } from './standings.ts';

/** Applications that are told of a commit between two turns of the event loop: some milliseconds. */
const SLICE = 100;

/** The Application objects that there are, each with what keeps it applied; tells them of what concerns them. */
export class ApplicationSyncs implements Others {
  readonly #byKey = new Map<NamespacedName, ApplicationSync>();
  readonly #byLabel = new Map<string, ApplicationSync>();
  readonly #standings = new Standings<ApplicationSync>();
  /** By the key of the Repository. */
  readonly #newest = new Map<NamespacedName, TrackedRevision>();

  get(key: NamespacedName): ApplicationSync | undefined {
    return this.#byKey.get(key);
  }

  /** By the label on all that it applies. */
  labelled(label: string): ApplicationSync | undefined {
    return this.#byLabel.get(label);
  }

  all(): Iterable<ApplicationSync> {
    return this.#byKey.values();
  }

  of(repository: NamespacedName): readonly ApplicationSync[] {
    return [...this.#byKey.values()].filter((sync) => repositoryOf(sync.application) === repository);
  }

  arePending(application: Application): boolean {
    const [key, repository] = [keyOf(application), repositoryOf(application)];
    return this.#standings.pending.values().some((sync) => sync.key !== key && (sync.isOffered || repositoryOf(sync.application) === repository));
  }

  declaring(application: Application, identity: Identity): NamespacedName | undefined {
    const [key, { namespace }] = [keyOf(application), application.metadata];
    return this.#standings.undecided.values().find((sync) => sync.isToDeclare(identity) && sync.key !== key && sync.application.metadata.namespace === namespace)?.key;
  }

  /** A new one is queued at once. */
  observe(application: Application, context: ApplicationContext): void {
    const key = keyOf(application);
    const present = this.#byKey.get(key);
    if (present) return present.observe(application);
    const sync = new ApplicationSync(application, context, this.#standings);
    this.#byKey.set(key, sync);
    this.#byLabel.set(labelOf(application), sync);
    context.enqueue(key);
  }

  forget(application: Application): void {
    this.#byKey.get(keyOf(application))?.stop();
    this.#byKey.delete(keyOf(application));
    this.#byLabel.delete(labelOf(application));
  }

  /** A slice of the applications in a turn of the event loop, until another commit comes. */
  async noteRevision(repository: NamespacedName, tracked: TrackedRevision): Promise<void> {
    const before = this.#newest.get(repository);
    this.#newest.set(repository, tracked);
    const since = before && (await folderChanges(tracked.repository, before.revision, tracked.revision));
    const syncs = changedFirst(this.of(repository), since);
    const isCurrent = (sync: ApplicationSync): boolean => this.#newest.get(repository) === tracked && this.#byKey.get(sync.key) === sync;
    await inSlices(syncs, SLICE, (slice) => { for (const sync of slice) if (isCurrent(sync)) void sync.noteRevision({ ...tracked, since }); });
  }

  noteLoss(repository: NamespacedName): void {
    this.#newest.delete(repository);
  }

  noteServed(resource: ResourceType): void {
    for (const sync of this.#byKey.values()) sync.noteServed(resource);
  }

  notePods(namespace = ''): void {
    for (const sync of this.#standings.ailingIn(namespace)) sync.notePods(namespace);
  }

  stop(): void {
    for (const sync of this.#byKey.values()) sync.stop();
  }
}

export const repositoryOf = ({ metadata, spec }: Application): NamespacedName => joinKey(metadata.namespace, spec.repository);
