import type { Known } from './config-maps.ts';
import type { CrashWatcher, Seen } from './crash-watcher.ts';
import { COUNTER, type Acknowledged, type CrashWriter } from './crash-writer.ts';

export type State = ReadonlyMap<string, Known>;

export interface Round {
  readonly writers: readonly CrashWriter[];
  readonly watchers: readonly CrashWatcher[];
  readonly before: State;
  /** What a consistent list shows at the end, when nobody writes. */
  readonly after: State;
  /** The newest revision of the round before. */
  readonly revision: number;
}

/** What is wrong after a round, taking what writers and watchers have gathered; empty when nothing is. */
export function checkRound({ writers, watchers, before, after, revision }: Round): string[] {
  const acknowledged = writers.flatMap((writer) => writer.acknowledged.splice(0));
  const told = watchers.map((watcher) => ({ watcher, events: watcher.events.splice(0) }));
  const whole = told.filter(({ watcher }) => watcher.scope.labelSelector === undefined);
  return [
    ...writers.flatMap((writer) => writer.violations.splice(0)),
    ...watchers.flatMap((watcher) => watcher.violations.splice(0)),
    ...checkState(writers, after),
    ...checkRevisions(acknowledged, revision),
    ...whole.flatMap(({ events }) => [...checkReplay(events, before, after), ...checkAcknowledged(events, acknowledged), ...checkPairs(events), ...checkCounter(events, before)]),
    ...told.filter((one) => !whole.includes(one)).flatMap(({ events }) => checkReplay(events, evenOf(before), evenOf(after))),
  ];
}

const same = (a: Known | undefined, b: Known | undefined): boolean => a?.revision === b?.revision && a?.value === b?.value;
const evenOf = (state: State): State => new Map([...state].filter(([, { value }]) => value % 2 === 0));

function checkState(writers: readonly CrashWriter[], after: State): string[] {
  const expected = new Map(writers.flatMap((writer) => [...writer.known]));
  const names = new Set([...expected.keys(), ...[...after.keys()].filter((name) => name.startsWith('w'))]);
  return [...names].filter((name) => !same(expected.get(name), after.get(name)))
    .map((name) => `${name}: written ${JSON.stringify(expected.get(name))}, stored ${JSON.stringify(after.get(name))}`);
}

function checkRevisions(acknowledged: readonly Acknowledged[], revision: number): string[] {
  const seen = new Map<string, Acknowledged>();
  return acknowledged.flatMap((write) => {
    const twice = seen.get(write.revision);
    seen.set(write.revision, write);
    if (twice) return [`revision ${write.revision} was given to ${twice.name} and ${write.name}`];
    return Number(write.revision) > revision ? [] : [`revision ${write.revision} of ${write.name} is not above ${revision}`];
  });
}

/** The events lead from one state to the other, each with the type that the state before it asks for: none is missing, none is told twice. */
function checkReplay(events: readonly Seen[], before: State, after: State): string[] {
  const state = new Map(before);
  const wrong: string[] = [];
  for (const { type, name, value, revision } of events) {
    const isThere = state.has(name);
    if (isThere !== (type !== 'ADDED')) wrong.push(`${type} ${name} at ${revision}, which was ${isThere ? '' : 'not '}there`);
    if (type === 'DELETED') state.delete(name);
    else state.set(name, { value, revision });
  }
  const names = new Set([...state.keys(), ...after.keys()]);
  return [...wrong, ...[...names].filter((name) => !same(state.get(name), after.get(name)))
    .map((name) => `${name}: told ${JSON.stringify(state.get(name))}, listed ${JSON.stringify(after.get(name))}`)];
}

function checkAcknowledged(events: readonly Seen[], acknowledged: readonly Acknowledged[]): string[] {
  const byRevision = new Map(events.map((event) => [event.revision, event]));
  return acknowledged.filter(({ name, value, revision }) => byRevision.get(revision)?.name !== name || byRevision.get(revision)?.value !== value)
    .map((write) => `acknowledged and never told: ${JSON.stringify(write)}`);
}

function checkPairs(events: readonly Seen[]): string[] {
  return events.flatMap((event, i) => {
    if (!event.name.endsWith('-pair-a')) return [];
    const other = events[i + 1];
    const isWhole = other?.name === event.name.replace(/a$/, 'b') && other.type === event.type && Number(other.revision) === Number(event.revision) + 1;
    return isWhole ? [] : [`one half of a transaction: ${JSON.stringify(event)}, then ${JSON.stringify(other)}`];
  });
}

/** Compare and set by many: a lost update would give one count twice. */
function checkCounter(events: readonly Seen[], before: State): string[] {
  const start = before.get(COUNTER)?.value ?? 0;
  return events.filter((event) => event.name === COUNTER).flatMap(({ value, revision }, i) => (value === start + i + 1 ? [] : [`the counter is ${value} at ${revision}, not ${start + i + 1}`]));
}
