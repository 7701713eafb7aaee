import type { IgnoreRule } from '#api/headway/v1/types.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { stepOfItem } from './field-sets.ts';
import { pointerSelection, type Selection } from './selection.ts';

/** A field that others took, and who did. */
export interface LostField {
  /** Steps of FieldsV1 from the root: `f:spec`, `k:{"name":"web"}`, `f:image`. */
  readonly steps: readonly string[];
  readonly takers: readonly string[];
}

/** Whether the rules leave the field to others. `live` is the object as it is now. */
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
