import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import { SYNC_FIELD_MANAGER, type IgnoreRule } from '#api/headway/v1/types.ts';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { below, type Fields, hasMembers, itemStep, stepOfItem } from './field-sets.ts';
import { fieldsSelection, pointerSelection, type Selection } from './selection.ts';

/** The rules that select an object. */
export function rulesFor(rules: readonly IgnoreRule[], { apiVersion, kind, metadata }: KubeObject): readonly IgnoreRule[] {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return rules.filter((rule) =>
    (rule.group === undefined || rule.group === group) && (rule.kind === undefined || rule.kind === kind) &&
    (rule.namespace === undefined || rule.namespace === metadata.namespace) && (rule.name === undefined || rule.name === metadata.name));
}

/**
 * The object as it is applied over `live`: without the ignored fields that others own, so that nothing is taken back, and with the live value
 * of those that sync owns, so that nothing is lost. Of lists without keys, which have one owner, the live items are taken.
 */
export function withoutIgnored(desired: KubeObject, live: KubeObject, rules: readonly IgnoreRule[]): KubeObject {
  const place: Place = { all: fieldsOf(live, () => true), own: fieldsOf(live, isOurs), isWhole: false };
  const managers = new Set(rules.flatMap(({ managers: names = [] }) => names));
  const selections = [
    ...rules.flatMap(({ jsonPointers = [] }) => jsonPointers.map(pointerSelection)),
    ...(managers.size > 0 ? [fieldsSelection(fieldsOf(live, ({ manager }) => managers.has(manager ?? '')))] : []),
  ];
  return selections.reduce<KubeObject>((object, selection) => (settle(object, live, selection, place) ?? object) as KubeObject, desired);
}

/** What is known of the owners of a field. */
interface Place {
  /** Below the field, of all managers. */
  readonly all: Fields;
  readonly own: Fields;
  /** The field lies in a value that is owned as a whole. */
  readonly isWhole: boolean;
}

const isOurs = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean => manager === SYNC_FIELD_MANAGER && operation === 'Apply' && !subresource;
const fieldsOf = ({ metadata }: KubeObject, isWanted: (entry: ManagedFieldsEntry) => boolean): Fields =>
  (metadata.managedFields ?? []).flatMap((entry) => (isWanted(entry) && isJsonObject(entry.fieldsV1) ? [entry.fieldsV1] : []));

function descend({ all, own, isWhole }: Place, step: string): Place {
  const owned = below(all, step);
  return { all: owned, own: below(own, step), isWhole: isWhole || (owned.length === 0 && all.some((fields) => !hasMembers(fields))) };
}

/** The value with all that is selected in it settled; undefined leaves it out. */
function settle(desired: unknown, live: unknown, selection: Selection, place: Place): unknown {
  const isDivided = !place.isWhole && place.all.some(hasMembers);
  if (selection.isAll && !isDivided) return place.own.length > 0 || place.isWhole ? live : undefined;
  if (Array.isArray(desired)) return settleItems(desired, live, selection, place);
  return isJsonObject(desired) ? settleMembers(desired, isJsonObject(live) ? live : {}, selection, place) : desired;
}

function settleMembers(desired: Readonly<Record<string, unknown>>, live: Readonly<Record<string, unknown>>, selection: Selection, place: Place): unknown {
  const settled: Record<string, unknown> = { ...desired };
  // What sync owns and Git no longer names is not lost either.
  const names = new Set([...Object.keys(desired), ...Object.keys(live).filter((name) => below(place.own, `f:${name}`).length > 0)]);
  for (const name of names) {
    const selected = selection.member(name);
    if (!selected) continue;
    const value = settle(desired[name], live[name], selected, descend(place, `f:${name}`));
    if (value === undefined) delete settled[name];
    else settled[name] = value;
  }
  return Object.keys(settled).length === 0 && Object.keys(desired).length > 0 ? undefined : settled;
}

function settleItems(desired: readonly unknown[], live: unknown, selection: Selection, place: Place): unknown {
  const present = Array.isArray(live) ? (live as readonly unknown[]) : [];
  const settled = desired.flatMap((item, index) => {
    const selected = selection.item(stepOfItem(item, place.all), index);
    if (!selected) return [item];
    const step = stepOfItem(item, place.all);
    const counterpart = step === undefined ? present[index] : present.find((other) => stepOfItem(other, place.all) === step);
    return settle(item, counterpart, selected, descend(place, step ?? itemStep(index))) ?? [];
  });
  return settled.length === 0 && desired.length > 0 ? undefined : settled;
}
