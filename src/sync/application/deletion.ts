import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { PrunedObject } from '../apply/applier.ts';
import type { HookPhase } from '../hooks/hook.ts';
import type { OpenRecord } from '../record/open-record.ts';
import { prunedRecord } from '../record/synced-object.ts';
import type { StageRun } from './stage-run.ts';

export type DeletionPhase = Extract<HookPhase, 'PreDelete' | 'PostDelete'>;

/** How far the deletion of an Application has come in this process; its record knows it for the next one. */
export class Deletion {
  readonly record: OpenRecord;
  /** A person has agreed, where one must. */
  isConfirmed = false;
  /** The hooks that are under way. */
  run: { readonly phase: DeletionPhase; readonly stages: StageRun } | undefined;
  /** Phases whose hooks have completed. */
  readonly completed = new Set<DeletionPhase>();
  /** Tries that failed, also those that could not begin. */
  failures = 0;
  /** By the monotonic clock: since when other applications may have its objects. */
  offeredAt: number | undefined;
  /** By the monotonic clock; not before it are hooks tried again. */
  retryAt = 0;
  readonly #told = new Set<InventoryEntry>();

  constructor(record: OpenRecord) {
    this.record = record;
  }

  /** Writes down what became of objects, each once however often it is looked at. */
  tell(pruned: readonly PrunedObject[]): void {
    const news = pruned.filter(({ entry }) => !this.#told.has(entry));
    for (const { entry, outcome } of news) if (outcome !== 'failed') this.#told.add(entry);
    this.record.add(news.filter(({ outcome }) => outcome !== 'failed').map(prunedRecord));
  }
}
