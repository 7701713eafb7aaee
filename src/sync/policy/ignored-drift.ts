import type { IgnoreRule } from '#api/headway/v1/types.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { type Drift, driftOf, type LostField } from '../heal/drift.ts';
import { stepOfItem } from './field-sets.ts';
import { rulesFor } from './ignored-fields.ts';
import { pointerSelection, type Selection } from './selection.ts';

/** What of a drift the rules do not leave to others; undefined when that is nothing. `live` is the object as it is now. */
export function remainingDrift(drift: Drift, live: KubeObject, rules: readonly IgnoreRule[]): Drift | undefined {
  const selected = rulesFor(rules, live);
  const lost = drift.lost.filter((field) => !isIgnored(field, live, selected));
  return lost.length === 0 ? undefined : lost.length === drift.lost.length ? drift : driftOf(lost);
}

/** Whether the rules leave the field to others. */
export function isIgnored({ steps, takers }: LostField, live: KubeObject, rules: readonly IgnoreRule[]): boolean {
  if (takers.length > 0 && takers.every((taker) => rules.some(({ managers = [] }) => managers.includes(taker)))) return true;
  return rules.some(({ jsonPointers = [] }) => jsonPointers.some((pointer) => covers(pointerSelection(pointer), steps, live)));
}

function covers(selection: Selection | undefined, [step, ...rest]: readonly string[], value: unknown): boolean {
  if (selection === undefined || selection.isAll) return selection !== undefined;
  if (step === undefined) return false;
  if (step.startsWith('f:')) {
    const name = step.slice(2);
    return covers(selection.member(name), rest, isJsonObject(value) ? value[name] : undefined);
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const only: JsonObject = { [step]: {} };
  const index = step.startsWith('i:') ? Number(step.slice(2)) : items.findIndex((item) => stepOfItem(item, [only]) !== undefined);
  return covers(selection.item(step, index), rest, items[index]);
}
