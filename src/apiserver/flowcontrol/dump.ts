import type { FlowControl } from './flow-control.ts';
import type { ActiveSchema, SchemaCounts } from './flow-schemas.ts';
import type { PriorityLevel } from './priority-level.ts';

export const LEVELS_DUMP_PATH = '/debug/api_priority_and_fairness/dump_priority_levels';

const HEADERS: readonly string[] = [
  'PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests',
];
/** Of a column, as people read it in a terminal. */
const MIN_WIDTH = 8;

/** What each priority level does now and has done, for who looks into a server that refuses requests. */
export function dumpLevels({ levels, schemas }: Pick<FlowControl, 'levels' | 'schemas'>): string {
  const ordered = [...levels.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return table([HEADERS, ...ordered.map((level) => rowOf(level, schemas))]);
}

function rowOf(level: PriorityLevel, schemas: readonly ActiveSchema[]): readonly string[] {
  const counts = schemas.filter((s) => s.level === level).map((s) => s.counts);
  const total = (count: (of: SchemaCounts) => number): number => counts.reduce((sum, of) => sum + count(of), 0);
  return [
    level.name, level.queues?.active ?? 0, level.inUse === 0 && level.waiting === 0, level.isQuiescing, level.waiting, total((c) => c.executing), total((c) => c.dispatched),
    total(({ refused }) => refused['queue-full'] + refused['concurrency-limit']), total((c) => c.refused['time-out']), total((c) => c.refused.cancelled),
  ].map(String);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADERS.map((_, column) => Math.max(MIN_WIDTH, ...rows.map((row) => (row[column] ?? '').length + 2)));
  return rows.map((row) => `${row.map((cell, i) => (i < row.length - 1 ? `${cell},`.padEnd(widths[i] ?? 0) : cell)).join('')}\n`).join('');
}
