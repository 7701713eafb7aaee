import type { ResourceInfo } from '../request-info.ts';

/** Seats that one request takes at most, as in Kubernetes. */
const MAX_SEATS = 10;
/** Objects that a list reads for one seat. */
const OBJECTS_PER_SEAT = 100;
/** Watchers that are told of a write for one seat, and how long that keeps the process busy. */
const WATCHERS_PER_SEAT = 10;
const MS_PER_WATCHER_SEAT = 5;

export interface ListFacts {
  /** Objects in the collection. */
  readonly objects: number;
  /** 0: no limit. */
  readonly limit: number;
  /** The server must look at all objects to find the ones that are asked for. */
  readonly hasSelector: boolean;
}

/** Seats of a list: by how many objects it has to look at. */
export function listWidth({ objects, limit, hasSelector }: ListFacts): number {
  const looked = hasSelector || limit === 0 ? objects : Math.min(limit, objects);
  return Math.max(1, Math.min(MAX_SEATS, Math.ceil(looked / OBJECTS_PER_SEAT)));
}

/** Milliseconds of seats that go on after a write: its watchers are told. */
export function watcherWorkMs(info: ResourceInfo, watchers: number): number {
  const isWrite = info.verb !== 'get' && info.verb !== 'list' && info.verb !== 'watch';
  const seats = isWrite ? Math.min(MAX_SEATS, Math.floor(watchers / WATCHERS_PER_SEAT)) : 0;
  return seats * seats * MS_PER_WATCHER_SEAT;
}
