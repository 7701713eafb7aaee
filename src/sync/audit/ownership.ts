import { decodeFields, type FieldSet } from '#api/apply/field-set.ts';
import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import { SYNC_FIELD_MANAGER } from '#api/headway/v1/types.ts';
import { isJsonObject, jsonEqual } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';

/** One field manager's entry, without its fields. */
export interface Manager {
  readonly name: string;
  readonly operation: string;
  readonly subresource?: string;
  /** RFC 3339, when the manager last changed any of its fields. */
  readonly time?: string;
}

/** A step from an object into itself: a member's name, or an item with what tells it from the others. */
export type Step = string | { readonly index: number; /** The item's own keys in a list with keys, its value in a set. */ readonly keys?: unknown };

/** A field of a live object and who owns it. */
export interface OwnedField {
  readonly path: readonly Step[];
  readonly value: unknown;
  /** The entries that own it, ours first; empty for what the server set by itself. Of a field with others below it: those that own one of these. */
  readonly managers: readonly Manager[];
  /** Whether sync owns it. */
  readonly isOurs: boolean;
}

interface Entry {
  readonly manager: Manager;
  readonly isOurs: boolean;
  readonly set: FieldSet | undefined;
  /** A field above belongs to the manager as a whole. */
  readonly isWhole: boolean;
}

/** Every field of the object, parents before what is below them, in the object's order. `metadata.managedFields` is left out. */
export function ownedFields(object: KubeObject): readonly OwnedField[] {
  const { managedFields = [], ...metadata } = object.metadata;
  const entries = [...managedFields].sort((a, b) => Number(isOurEntry(b)) - Number(isOurEntry(a))).map(entryOf);
  const fields: OwnedField[] = [];
  for (const [name, value] of Object.entries({ ...object, metadata })) visit([name], value, entries.map((entry) => below(entry, `f:${name}`)), fields);
  return fields;
}

export const isOurEntry = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean => manager === SYNC_FIELD_MANAGER && operation === 'Apply' && !subresource;

function entryOf(entry: ManagedFieldsEntry): Entry {
  const { manager = 'unknown', operation = 'Update', subresource, time } = entry;
  return {
    manager: { name: manager, operation, ...(subresource ? { subresource } : {}), ...(time ? { time } : {}) }, isOurs: isOurEntry(entry),
    set: decodeFields(entry.fieldsV1 ?? {}), isWhole: false,
  };
}

/** Returns the entries that own the field or one below it. */
function visit(path: readonly Step[], value: unknown, entries: readonly Entry[], into: OwnedField[]): ReadonlySet<Entry> {
  const at = into.push({ path, value, managers: [], isOurs: false }) - 1;
  const owners = new Set<Entry>();
  for (const child of childrenOf(value, entries)) {
    const inside = entries.map((entry) => below(entry, child.step));
    const found = visit([...path, child.path], child.value, inside, into);
    inside.forEach((entry, i) => found.has(entry) && owners.add(entries[i] as Entry));
  }
  for (const entry of entries) if (entry.isWhole || entry.set?.isMember) owners.add(entry);
  const ordered = entries.filter((entry) => owners.has(entry));
  into[at] = { path, value, managers: ordered.map(({ manager }) => manager), isOurs: ordered.some(({ isOurs }) => isOurs) };
  return owners;
}

/** A manager that owns a field and nothing below it owns all of it, as of an atomic list. */
function below(entry: Entry, step: string): Entry {
  const isWhole = entry.isWhole || (entry.set?.isMember === true && entry.set.children.size === 0);
  return { ...entry, isWhole, set: entry.set?.children.get(step) };
}

interface Child { readonly path: Step; /** As in `fieldsV1`. */ readonly step: string; readonly value: unknown }

function childrenOf(value: unknown, entries: readonly Entry[]): readonly Child[] {
  if (isJsonObject(value)) return Object.entries(value).map(([name, member]) => ({ path: name, step: `f:${name}`, value: member }));
  if (!Array.isArray(value)) return [];
  const steps = [...new Set(entries.flatMap(({ set }) => [...(set?.children.keys() ?? [])]))].filter((step) => !step.startsWith('f:'));
  return value.map((item: unknown, index) => {
    const step = steps.find((candidate) => names(candidate, item, index)) ?? `i:${index}`;
    return { path: { index, ...(step.startsWith('i:') ? {} : { keys: JSON.parse(step.slice(2)) as unknown }) }, step, value: item };
  });
}

function names(step: string, item: unknown, index: number): boolean {
  if (step.startsWith('i:')) return step === `i:${index}`;
  const content = JSON.parse(step.slice(2)) as unknown;
  if (step.startsWith('v:')) return jsonEqual(content, item);
  return isJsonObject(item) && isJsonObject(content) && Object.entries(content).every(([key, wanted]) => jsonEqual(item[key], wanted));
}

/** `spec.containers[web].image`: for people. */
export const pathText = (path: readonly Step[]): string => path.reduce<string>((text, step) => {
  if (typeof step !== 'string') return `${text}[${typeof step.keys === 'string' || typeof step.keys === 'number' ? step.keys : isJsonObject(step.keys) ? Object.values(step.keys).join(',') : step.index}]`;
  return /[./]/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`;
}, '');
