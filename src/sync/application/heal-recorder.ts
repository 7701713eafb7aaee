import type { SyncError } from '#api/headway/v1/types.ts';
import type { AppliedObject } from '../apply/applier.ts';
import type { Drift } from '../heal/drift.ts';
import type { Identity } from '../inventory/identity.ts';
import type { OpenRecord } from '../record/open-record.ts';
import { appliedRecord } from '../record/synced-object.ts';
import type { ApplicationState } from './application-state.ts';

/** A burst of drift is one record: it is closed when nothing was healed for so long. */
const QUIET_MS = 500;

export interface HealPass {
  readonly revision: string;
  readonly healed: readonly AppliedObject[];
  readonly errors: readonly SyncError[];
  readonly drifted: ReadonlyMap<Identity, Drift | undefined>;
}

/** Writes down what healing changed, after it was done: nothing waits for it. */
export class HealRecorder {
  readonly #state: Pick<ApplicationState, 'context' | 'records' | 'application'>;
  #open: { readonly record: OpenRecord; readonly revision: string; readonly managers: Set<string>; errors: readonly SyncError[] } | undefined;
  #cancel: (() => void) | undefined;

  constructor(state: Pick<ApplicationState, 'context' | 'records' | 'application'>) {
    this.#state = state;
  }

  add({ revision, healed, errors, drifted }: HealPass): void {
    if (healed.length === 0 && errors.length === 0) return;
    if (this.#open && this.#open.revision !== revision) this.close();
    this.#open ??= { record: this.#state.records.prepare(), revision, managers: new Set(), errors: [] };
    this.#open.record.add(healed.flatMap(appliedRecord));
    this.#open.errors = errors;
    for (const { desired } of healed) for (const manager of drifted.get(desired.identity)?.managers ?? []) this.#open.managers.add(manager);
    this.#cancel?.();
    this.#cancel = this.#state.context.clock.after(QUIET_MS, () => this.close());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    const { record, revision, managers, errors } = open;
    const by = [...managers].sort().join(', ');
    const outcome = errors.length > 0 ? { phase: 'Failed', message: errors[0]?.message ?? '', errors } as const : { phase: 'Succeeded' } as const;
    this.#state.records.tell(this.#state.application, { revision, trigger: { type: 'Drift', ...(by === '' ? {} : { by }) } }, outcome, record);
  }
}
