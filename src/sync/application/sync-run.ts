import type { Clock } from '#base/clock.ts';
import type { PlannedHook } from '../hooks/hook-plan.ts';
import type { Identity } from '../inventory/identity.ts';
import type { OpenRecord } from '../record/open-record.ts';
import { failStages, planStages } from '../waves/stages.ts';
import type { Due } from './due.ts';
import type { GoodPlan } from './plan.ts';
import { type Progress, StageRun, type StageRunOptions } from './stage-run.ts';

export interface SyncRunOptions extends Omit<StageRunOptions, 'revision' | 'stages' | 'failStages'> {
  /** What is run, whatever has become due since. */
  readonly due: Due;
  readonly plan: GoodPlan;
  readonly hooks: readonly PlannedHook[];
}

/** One sync that has begun. Between two calls of `advance` nothing runs. */
export class SyncRun {
  readonly due: Due;
  readonly plan: GoodPlan;
  readonly record: OpenRecord;
  readonly #touched: ReadonlySet<Identity>;
  readonly #stages: StageRun;
  readonly #clock: Clock;
  #endedAt: number | undefined;

  constructor({ due, plan, hooks, ...options }: SyncRunOptions) {
    this.due = due;
    this.plan = plan;
    this.record = options.record;
    this.#clock = options.state.context.clock;
    this.#touched = new Set(plan.changed.map(({ identity }) => identity));
    this.#stages = new StageRun({ ...options, revision: plan.index.revision, stages: planStages(plan.changed, hooks), failStages: failStages(hooks) });
  }

  /** Whether something may have been applied. */
  get hasWritten(): boolean {
    return this.#stages.hasWritten;
  }

  /** Whether the object takes part: what happens to it is the run's business until it ends. */
  touches(identity: Identity): boolean {
    return this.#touched.has(identity);
  }

  /** Whether the run may go on because of a change of the object. */
  noteChange(identity: Identity): boolean {
    return this.#stages.noteChange(identity);
  }

  /** Goes as far as it can without waiting. */
  advance(signal: AbortSignal): Promise<Progress> {
    return this.#stages.advance(signal);
  }

  /** When its stages were over, by the monotonic clock; now, for who asks first. */
  get endedAt(): number {
    return (this.#endedAt ??= this.#clock.monotonic());
  }
}
