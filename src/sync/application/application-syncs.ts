import type { Application } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { labelOf } from './application-names.ts';
import { ApplicationSync } from './application-sync.ts';
import type { ApplicationContext } from './context.ts';

/** The Application objects that there are, each with what keeps it applied; tells them of what concerns them. */
export class ApplicationSyncs {
  readonly #byKey = new Map<NamespacedName, ApplicationSync>();
  readonly #byLabel = new Map<string, ApplicationSync>();

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

  /** A new one is queued at once. */
  observe(application: Application, context: ApplicationContext): void {
    const key = keyOf(application);
    const present = this.#byKey.get(key);
    if (present) return present.observe(application);
    const sync = new ApplicationSync(application, context);
    this.#byKey.set(key, sync);
    this.#byLabel.set(labelOf(application), sync);
    context.enqueue(key);
  }

  forget(application: Application): void {
    this.#byKey.get(keyOf(application))?.stop();
    this.#byKey.delete(keyOf(application));
    this.#byLabel.delete(labelOf(application));
  }

  noteRevision(repository: NamespacedName, tracked: TrackedRevision): void {
    for (const sync of this.of(repository)) void sync.noteRevision(tracked);
  }

  noteServed(resource: ResourceType): void {
    for (const sync of this.#byKey.values()) sync.noteServed(resource);
  }

  notePods(namespace: string | undefined): void {
    for (const sync of this.#byKey.values()) sync.notePods(namespace);
  }

  stop(): void {
    for (const sync of this.#byKey.values()) sync.stop();
  }
}

export const repositoryOf = ({ metadata, spec }: Application): NamespacedName => joinKey(metadata.namespace, spec.repository);
