import { chain, type Default, inside } from './fill.ts';
import type { JsonObject } from '#api/json.ts';
import { formatQuantity, parseQuantity } from '#api/quantity.ts';

/** Amounts finer than a thousandth are rounded up. */
export function roundedUp(list: JsonObject): JsonObject {
  let changed: Record<string, unknown> | undefined;
  for (const [name, text] of Object.entries(list)) {
    if (typeof text !== 'string' || !/[nu.]|e-/i.test(text)) continue;
    const quantity = parseQuantity(text);
    const rest = quantity.nanos % 1_000_000n;
    if (rest <= 0n) continue;
    changed ??= { ...list };
    changed[name] = formatQuantity({ ...quantity, nanos: quantity.nanos - rest + 1_000_000n });
  }
  return changed ?? list;
}

/** The members of an object that are such lists. */
export const roundedIn = (...names: readonly string[]): Default => chain(...names.map((name) => inside(name, roundedUp)));

export const RESOURCES = roundedIn('limits', 'requests');
