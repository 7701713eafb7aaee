import type { PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import { type LevelShare, PriorityLevel } from './priority-level.ts';

/**
 * The server's seats, shared by the priority levels. A level always gets its nominal seats; beyond, it borrows what others may lend and do
 * not use. A lender that comes back does not wait for the borrower: for that moment more requests run than there are seats, at
 * most as many as are lendable.
 */
export class SeatPool {
  readonly total: number;
  #levels = new Map<string, PriorityLevel>();
  #waiting = 0;

  constructor(total: number) {
    this.total = total;
  }

  get levels(): ReadonlyMap<string, PriorityLevel> {
    return this.#levels;
  }

  /** Levels keep what runs and waits over a change of their configuration; one that is gone ends when its last request has. */
  configure(configurations: readonly PriorityLevelConfiguration[]): void {
    const shares = sharesOf(configurations, this.total);
    const levels = new Map<string, PriorityLevel>();
    for (const configuration of configurations) {
      const { name } = configuration.metadata;
      const level = this.#levels.get(name) ?? new PriorityLevel(name);
      level.configure(configuration, shares.get(name) as LevelShare);
      levels.set(name, level);
    }
    for (const [name, level] of this.#levels) {
      if (levels.has(name) || (level.inUse === 0 && level.waiting === 0)) continue;
      level.isQuiescing = true;
      levels.set(name, level);
    }
    this.#levels = levels;
    this.#waiting = sum(levels, (l) => l.waiting);
    this.#dispatchAll();
  }

  /** Takes seats when nobody waits for them before. */
  tryTake(level: PriorityLevel, width: number): boolean {
    if (!level.isExempt && (level.waiting > 0 || !this.#fits(level, width))) return false;
    level.inUse += width;
    return true;
  }

  /** A request of the level waits now. */
  queued(): void {
    this.#waiting += 1;
  }

  /** A request that waited has gone without being started. */
  left(): void {
    this.#waiting -= 1;
  }

  giveBack(level: PriorityLevel, width: number): void {
    level.inUse -= width;
    if (this.#waiting === 0) return;
    this.#dispatch(level);
    if (this.#waiting > 0) this.#dispatchAll();
  }

  #dispatchAll(): void {
    for (const level of this.#levels.values()) if (level.waiting > 0) this.#dispatch(level);
  }

  #dispatch(level: PriorityLevel): void {
    for (let next = level.queues?.peek(); next !== undefined && this.#fits(level, next.width); next = level.queues?.peek()) {
      level.inUse += next.width;
      this.#waiting -= 1;
      level.queues?.dispatch();
    }
  }

  #fits(level: PriorityLevel, width: number): boolean {
    const { nominal, borrowingLimit } = level.share;
    const over = level.inUse + width - nominal;
    // A request that is wider than its level runs alone.
    if (over <= 0 || level.inUse === 0) return true;
    return over <= borrowingLimit && over <= this.#lendableTo(level);
  }

  #lendableTo(borrower: PriorityLevel): number {
    let free = 0;
    for (const level of this.#levels.values()) {
      if (level === borrower || level.isExempt) continue;
      const idle = level.share.nominal - level.inUse;
      free += idle >= 0 ? Math.min(idle, level.share.lendable) : idle;
    }
    return free;
  }
}

/** As Kubernetes has it: seats in proportion to the shares, rounded up. Without a borrowing limit a level may take all that is lent. */
function sharesOf(configurations: readonly PriorityLevelConfiguration[], total: number): ReadonlyMap<string, LevelShare> {
  const sharesIn = ({ spec }: PriorityLevelConfiguration): number => (spec.type === 'Exempt' ? (spec.exempt?.nominalConcurrencyShares ?? 0) : (spec.limited?.nominalConcurrencyShares ?? 30));
  const all = configurations.reduce((s, c) => s + sharesIn(c), 0);
  return new Map(configurations.map((configuration): [string, LevelShare] => {
    const { limited, exempt } = configuration.spec;
    const nominal = all === 0 ? 0 : Math.ceil((total * sharesIn(configuration)) / all);
    const lendable = Math.round((nominal * (limited?.lendablePercent ?? exempt?.lendablePercent ?? 0)) / 100);
    const percent = limited?.borrowingLimitPercent;
    return [configuration.metadata.name, { nominal, lendable, borrowingLimit: percent === undefined ? Infinity : Math.round((nominal * percent) / 100) }];
  }));
}

const sum = (levels: ReadonlyMap<string, PriorityLevel>, of: (level: PriorityLevel) => number): number => [...levels.values()].reduce((s, l) => s + of(l), 0);
