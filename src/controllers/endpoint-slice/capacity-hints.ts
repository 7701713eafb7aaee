import type { Endpoint } from '#api/generated/discovery/v1.ts';
import { inZone, isReady } from './hints.ts';
import { allocate, type Allocation, type ZoneShares } from './zone-capacity.ts';

/** A slice as it is to be, without hints, and the hints that it has now when nothing else of it changes. */
export interface HintableSlice {
  readonly endpoints: readonly Endpoint[];
  readonly unchanged?: readonly Endpoint[] | undefined;
}

type Counts = Map<string, number>;
const NO_ZONE = 'One or more endpoints do not have a zone specified';

/**
 * Shares the ready endpoints of one address family out among the zones by their CPU: to their own zone first, then from those that have
 * too many to those that have too few. Slices that are not written anyway keep their hints as long as these fit in.
 * Answers the endpoints of each slice, in order, or why there are no hints.
 */
export function hintedByCapacity(slices: readonly HintableSlice[], shares: ZoneShares | undefined): readonly (readonly Endpoint[])[] | string {
  const allocations = allocate(shares, slices.flatMap(({ endpoints }) => endpoints).filter(isReady).length);
  if (typeof allocations === 'string') return allocations;
  const given: Counts = new Map();
  const kept = slices.map(({ unchanged }) => (unchanged !== undefined && fits(unchanged, given, allocations) ? unchanged : undefined));
  const changing = slices.filter((_, i) => kept[i] === undefined).flatMap(({ endpoints }) => endpoints).filter(isReady);
  if (changing.some(({ zone }) => !zone)) return NO_ZONE;
  for (const { zone = '' } of changing) add(given, zone, 1);
  const move = moves(allocations, given);
  return slices.map(({ endpoints }, i) => kept[i] ?? endpoints.map((e) => (isReady(e) && e.zone ? inZone(e, move(e.zone)) : e)));
}

const add = (counts: Counts, zone: string, number: number): void => void counts.set(zone, (counts.get(zone) ?? 0) + number);

/** Whether the present hints are complete and give no zone too much; they are counted if so. */
function fits(endpoints: readonly Endpoint[], given: Counts, allocations: ReadonlyMap<string, Allocation>): boolean {
  const ready = endpoints.filter(isReady);
  if (ready.some(({ hints }) => (hints?.forZones ?? []).length === 0)) return false;
  const hinted: Counts = new Map();
  for (const { name } of ready.flatMap(({ hints }) => hints?.forZones ?? [])) add(hinted, name, 1);
  if ([...hinted].some(([zone, number]) => number + (given.get(zone) ?? 0) > (allocations.get(zone)?.maximum ?? 0))) return false;
  for (const [zone, number] of hinted) add(given, zone, number);
  return true;
}

/** Tells of one endpoint after another, by its own zone, for which zone it is to be. */
function moves(allocations: ReadonlyMap<string, Allocation>, given: Counts): (zone: string) => string {
  const { giving, receiving } = imbalance(allocations, given);
  return (zone) => {
    const [receiver] = [...receiving].find(([, number]) => number > 0) ?? [];
    if (receiver === undefined || (giving.get(zone) ?? 0) === 0) return zone;
    add(giving, zone, -1);
    add(receiving, receiver, -1);
    return receiver;
  };
}

/** How many endpoints each zone gives away, and how many it gets. Fractions move only where both sides gain by it. */
function imbalance(allocations: ReadonlyMap<string, Allocation>, given: Counts): { readonly giving: Counts; readonly receiving: Counts } {
  const excess = new Map([...allocations].map(([zone, { desired }]) => [zone, (given.get(zone) ?? 0) - desired]));
  const giving: Counts = new Map();
  const receiving: Counts = new Map();
  for (;;) {
    const sorted = [...excess].toSorted(([, a], [, b]) => b - a);
    const [most, least] = [sorted.at(0), sorted.at(-1)];
    if (most === undefined || least === undefined || most[1] < 0.5 || -least[1] < 0.5 || (most[1] < 1 && -least[1] < 1)) return { giving, receiving };
    add(giving, most[0], 1);
    add(receiving, least[0], 1);
    excess.set(most[0], most[1] - 1);
    excess.set(least[0], least[1] + 1);
  }
}
