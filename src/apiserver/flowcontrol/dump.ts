import { attributesOf } from '../authz/authorizer.ts';
import { newQueue, type Waiting, type WaitingRequest } from './fair-queues.ts';
import type { FlowControl } from './flow-control.ts';
import type { ActiveSchema, SchemaCounts } from './flow-schemas.ts';
import type { PriorityLevel } from './priority-level.ts';

type Source = Pick<FlowControl, 'levels' | 'schemas'>;
type Row = readonly string[];

const DIRECTORY = '/debug/api_priority_and_fairness';
const LEVELS: Row = ['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests'];
const QUEUES: Row = ['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum'];
// The name of the fifth is Kubernetes'.
const REQUESTS: Row = ['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime', 'InitialSeats', 'FinalSeats', 'AdditionalLatency', 'StartTime'];
const DETAILS: Row = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'];
/** Of what has not begun. */
const NEVER = '0001-01-01T00:00:00Z';
/** Of a column, as people read it in a terminal. */
const MIN_WIDTH = 8;

/** For who looks into a server that refuses requests, in the form of Kubernetes' dumps: what levels, queues or requests do. Undefined for all other paths. */
export function dumpAt(path: string, source: Source, query: Readonly<Record<string, string>>): string | undefined {
  switch (path) {
    case `${DIRECTORY}/dump_priority_levels`: return table([LEVELS, ...byName(source).map((level) => levelRow(level, source.schemas))]);
    case `${DIRECTORY}/dump_queues`: return table([QUEUES, ...byName(source).flatMap(queueRows)]);
    case `${DIRECTORY}/dump_requests`: {
      const isDetailed = Boolean(query['includeRequestDetails']);
      return table([[...REQUESTS, ...(isDetailed ? DETAILS : [])], ...byName(source).flatMap((level) => requestRows(level, isDetailed))]);
    }
    default: return undefined;
  }
}

const byName = ({ levels }: Source): readonly PriorityLevel[] => [...levels.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));

function levelRow(level: PriorityLevel, schemas: readonly ActiveSchema[]): Row {
  const counts = schemas.filter((s) => s.level === level).map((s) => s.counts);
  const total = (count: (of: SchemaCounts) => number): number => counts.reduce((sum, of) => sum + count(of), 0);
  return [
    level.name, level.queues?.active ?? 0, level.inUse === 0 && level.waiting === 0, level.isQuiescing, level.waiting, total((c) => c.executing), total((c) => c.dispatched),
    total(({ refused }) => refused['queue-full'] + refused['concurrency-limit']), total((c) => c.refused['time-out']), total((c) => c.refused.cancelled),
  ].map(String);
}

function queueRows({ name, queues }: PriorityLevel): readonly Row[] {
  return Array.from({ length: queues?.parameters.queues ?? 0 }, (_, index) => {
    const { requests, executing, seatsInUse, nextStart } = queues?.queues[index] ?? newQueue();
    const seats = requests.reduce((sum, { width }) => sum + width, 0);
    return [name, index, requests.length, executing, seatsInUse, seatSeconds(nextStart), seats, seats, seatSeconds(0)].map(String);
  });
}

const seatSeconds = (seatMs: number): string => `${(seatMs / 1000).toFixed(8)}ss`;

const requestRows = ({ name, queues }: PriorityLevel, isDetailed: boolean): readonly Row[] =>
  (queues?.queues ?? []).flatMap((queue, index) => (queue?.requests ?? []).flatMap((request, place) => requestRow(request, [name, index, place], isDetailed)));

function requestRow({ width, about }: Waiting, [level, index, place]: readonly [string, number, number], isDetailed: boolean): readonly Row[] {
  if (about === undefined) return [];
  const cells = [level, about.schema, index, place, about.distinguisher, new Date(about.arrivedAt).toISOString(), width, 0, '0s', NEVER].map(String);
  return [isDetailed ? [...cells, ...detailsOf(about)] : cells];
}

function detailsOf({ user, info }: WaitingRequest): Row {
  const { verb, path, namespace, name, group, resource, subresource } = attributesOf(info, user);
  const version = info.type === 'resource' ? info.resource.version : '';
  return [user.name, verb, path, namespace, name, group === '' ? version : `${group}/${version}`, resource, subresource];
}

function table(rows: readonly Row[]): string {
  const [headers = []] = rows;
  const widths = headers.map((_, column) => Math.max(MIN_WIDTH, ...rows.map((row) => (row[column] ?? '').length + 2)));
  return rows.map((row) => `${row.map((cell, i) => (i < row.length - 1 ? `${cell},`.padEnd(widths[i] ?? 0) : cell)).join('')}\n`).join('');
}
