import { goText, goType } from '#api/go-text.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { plainError } from '#api/status-error.ts';

/** The value of an item's merge key. */
export function listKey(item: JsonObject, key: string): unknown {
  if (!Object.hasOwn(item, key)) throw plainError(`map: ${goText(item)} does not contain declared merge key: ${key}`);
  return item[key];
}

export function requireMap(item: unknown): JsonObject {
  if (!isJsonObject(item)) throw plainError(`expected a map[string]interface {}, but received a ${goType(item)}`);
  return item;
}

export interface Orders {
  readonly wanted: readonly unknown[];
  /** What the server has. */
  readonly server: readonly unknown[];
  /** The merge key of objects; undefined for scalars. */
  readonly key: string | undefined;
}

/**
 * The merged items in the order that strategic merge patch promises: those that `wanted` names in its order, the others in the
 * order in which the server has them, each before the first named item that the server has behind it.
 */
export function elementOrder(merged: readonly unknown[], { wanted, server, key }: Orders): readonly unknown[] {
  const keyOf = (item: unknown): unknown => (key === undefined ? item : listKey(requireMap(item), key));
  const wantedAt = positions(wanted, keyOf);
  const serverAt = positions(server, keyOf);
  const named = sortBy(merged.filter((item) => wantedAt.has(keyOf(item))), (item) => wantedAt.get(keyOf(item)));
  const others = sortBy(merged.filter((item) => !wantedAt.has(keyOf(item))), (item) => serverAt.get(keyOf(item)));
  return interleave(others, named, (item) => serverAt.get(keyOf(item)));
}

function positions(items: readonly unknown[], keyOf: (item: unknown) => unknown): ReadonlyMap<unknown, number> {
  const found = new Map<unknown, number>();
  for (const [index, item] of items.entries()) if (!found.has(keyOf(item))) found.set(keyOf(item), index);
  return found;
}

/** Go sorts so few items by insertion, where one without a position goes before those in front of it; what it makes of more of them is no order. */
const INSERTED = 12;

function sortBy(items: readonly unknown[], position: (item: unknown) => number | undefined): readonly unknown[] {
  if (items.length > INSERTED) return items.toSorted((a, b) => (position(a) ?? -1) - (position(b) ?? -1));
  const sorted: { readonly item: unknown; readonly at: number | undefined }[] = [];
  for (const item of items) {
    const at = position(item);
    const goesBefore = (other: number | undefined): boolean => at === undefined || other === undefined || at < other;
    let place = sorted.length;
    while (place > 0 && goesBefore(sorted[place - 1]?.at)) place -= 1;
    sorted.splice(place, 0, { item, at });
  }
  return sorted.map(({ item }) => item);
}

function interleave(left: readonly unknown[], right: readonly unknown[], position: (item: unknown) => number | undefined): readonly unknown[] {
  const result: unknown[] = [];
  let taken = 0;
  for (const item of right) {
    const limit = position(item);
    for (let next = left[taken]; taken < left.length && limit !== undefined; next = left[taken]) {
      const at = position(next);
      if (at === undefined || at >= limit) break;
      result.push(next);
      taken += 1;
    }
    result.push(item);
  }
  return [...result, ...left.slice(taken)];
}
