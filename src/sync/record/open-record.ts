import type { SyncedObject, SyncError, SyncPhase, SyncRecordStatus } from '#api/headway/v1/types.ts';
import { formatTime, type Clock } from '#base/clock.ts';

/** A record stays well below what the API takes: beyond it, objects are counted only, and patches left out. */
const MAX_OBJECTS = 500;
const MAX_PATCH_BYTES = 256 << 10;
const MAX_ERRORS = 100;
const MAX_MESSAGE_LENGTH = 1024;

export interface RecordOutcome {
  readonly phase: SyncPhase;
  readonly message?: string;
  readonly errors?: readonly SyncError[];
}

/** What one sync has done so far, and when. */
export class OpenRecord {
  readonly name: string;
  readonly #clock: Clock;
  readonly #startTime: string;
  readonly #objects: SyncedObject[];
  readonly #counts = { created: 0, updated: 0, deleted: 0, unchanged: 0 };
  #patchBytes = 0;
  #failedRuns: number;

  /** `before`: of a record that a process left behind, and that is gone on with. */
  constructor(options: { readonly name: string; readonly clock: Clock; readonly before?: SyncRecordStatus | undefined }) {
    const { name, clock, before } = options;
    this.name = name;
    this.#clock = clock;
    this.#startTime = before?.startTime ?? formatTime(clock.now());
    this.#objects = [...(before?.objects ?? [])];
    for (const count of ['created', 'updated', 'deleted', 'unchanged'] as const) this.#counts[count] = before?.[count] ?? 0;
    this.#failedRuns = before?.failedRuns ?? 0;
  }

  /** Runs of a deletion's hooks that failed; each try after one is a run of its own. */
  get failedRuns(): number {
    return this.#failedRuns;
  }

  countFailedRun(): void {
    this.#failedRuns++;
  }

  add(objects: readonly SyncedObject[]): void {
    for (const object of objects) {
      if (object.outcome === 'Created') this.#counts.created++;
      if (object.outcome === 'Updated') this.#counts.updated++;
      if (object.outcome === 'Deleted') this.#counts.deleted++;
      if (this.#objects.length < MAX_OBJECTS) this.#objects.push(this.#bounded(object));
    }
  }

  addUnchanged(count: number): void {
    this.#counts.unchanged += count;
  }

  hasCompleted(hook: Pick<SyncedObject, 'hook' | 'kind' | 'namespace' | 'name'>): boolean {
    return this.#objects.some((object) => object.outcome === 'Completed' && object.hook === hook.hook && object.kind === hook.kind && object.name === hook.name && (object.namespace ?? '') === (hook.namespace ?? ''));
  }

  status({ phase, message, errors = [] }: RecordOutcome): SyncRecordStatus {
    return {
      phase, startTime: this.#startTime, ...(phase === 'Running' ? {} : { completionTime: formatTime(this.#clock.now()) }), ...this.#counts,
      ...(this.#failedRuns > 0 ? { failedRuns: this.#failedRuns } : {}),
      ...(message ? { message: message.slice(0, MAX_MESSAGE_LENGTH) } : {}), objects: [...this.#objects], ...(errors.length > 0 ? { errors: errors.slice(0, MAX_ERRORS) } : {}),
    };
  }

  #bounded({ patch, ...object }: SyncedObject): SyncedObject {
    if (patch === undefined) return object;
    this.#patchBytes += patch.length;
    return this.#patchBytes <= MAX_PATCH_BYTES ? { ...object, patch } : { ...object, message: 'the patch is left out: the record would become too large' };
  }
}
