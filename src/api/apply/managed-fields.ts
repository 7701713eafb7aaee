import { conflictError, type ManagerConflict } from './conflicts.ts';
import { blankObject } from './blank-object.ts';
import { createdFields } from './created-fields.ts';
import { difference, EMPTY_SET, type FieldSet, intersection, isEmptySet, setsEqual, union } from './field-set.ts';
import { decodeManagers, fieldsOfManager, type Manager, managerKey, type Managers, recordFault, withManagers, withoutEmpty, withoutUnowned } from './managers.ts';
import { givenByLastApplied, withLastApplied } from './last-applied.ts';
import type { MergeRule } from './merge-rule.ts';
import { prune } from './prune.ts';
import { type FieldPath, resetFields, withoutPaths } from './reset-fields.ts';
import { ruleOf, type TypeSource } from './rules.ts';
import { fieldsOfApplied } from './typed-patch.ts';
import { type Comparison, compareValues, isSame, mergeValues } from './typed-value.ts';
import { asKept } from '#api/decode.ts';
import { isJsonObject, jsonEqual, type JsonObject } from '#api/json.ts';
import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';
import { nullsOf } from '#api/zero-values.ts';
import { badRequest, isStatus } from '#api/status-error.ts';

export interface ApplyOptions {
  readonly live?: KubeObject | undefined;
  readonly applied: KubeObject;
  readonly manager: string;
  /** Takes over fields that other managers own, instead of the Conflict. */
  readonly force: boolean;
  /** `status`: the status is applied and what else its endpoint takes; otherwise all but the status. */
  readonly subresource?: string | undefined;
  /** RFC 3339. */
  readonly now: string;
  /** What managers of other versions would lose, when their fields are others than those of this version; they are then left as they are. */
  readonly elsewhere?: readonly ManagerConflict[];
}

export interface TrackOptions {
  readonly live?: KubeObject | undefined;
  readonly updated: KubeObject;
  readonly manager: string;
  readonly subresource?: string | undefined;
  readonly now: string;
}

/** Owns what was set before the first apply, when nobody had written down who set it. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** More managers that update are joined into one, oldest first, so that objects do not grow without end. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT_CHANGES = 'ancient-changes';

/**
 * Server-side apply: the live object with the applied one merged in, without the fields that this manager applied before, applies no
 * more, and shares with nobody. `applied` is decoded as it was sent, and without defaults: it says what its author said, no more, and the author owns also what
 * is not kept of it ({@link asKept}). `metadata.managedFields` says who owns what. Returns `live` itself when nothing changes.
 * @param type the resource, whose facts or schema say how its parts merge.
 * @throws StatusError Conflict (unless forced) with a cause a field, 500 without a reason for a list item without its keys.
 */
export function applyServerSide(schema: Schema, type: TypeSource, options: ApplyOptions): KubeObject {
  const step = mergeApplied(schema, type, options);
  const everyones = [...step.claims.values()].reduce((all, manager) => union(all, manager.fields), EMPTY_SET);
  return settleApplied(schema, type, options, { ...step, merged: prune(step.rule, step.merged, fieldsOfManager(step.before, step.key), everyones) });
}

/** An apply whose object is merged, and from which is yet to be taken what its manager applies no more. */
export interface MergedApply {
  readonly rule: MergeRule;
  readonly applied: KubeObject;
  /** What is applied to. */
  readonly plain: KubeObject;
  /** The same with the nulls that Go has in it: who applies such a null changes nothing. */
  readonly base: KubeObject;
  readonly merged: unknown;
  /** Of the manager who applies. */
  readonly key: string;
  readonly recorded: Managers;
  readonly before: Managers;
  /** Who owns what from now on, and what the applied object says without owning it: the name that is applied has no owner, but keeps the metadata in which it stands. */
  readonly claims: Managers;
}

export function mergeApplied(schema: Schema, type: TypeSource, options: ApplyOptions): MergedApply {
  const { live, manager: name, subresource } = options;
  if ((options.applied.metadata.managedFields ?? []).length > 0) throw badRequest('metadata.managedFields must be nil');
  const rule = ruleOf(schema, type);
  const applied = appliedPart(options.applied, type, subresource);
  const self = { name, operation: 'Apply', apiVersion: applied.apiVersion, subresource } as const;
  const key = managerKey(self);
  const recorded = live === undefined ? new Map<string, Manager>() : decodeManagers(live.metadata.managedFields);
  const before = live === undefined || recorded.size > 0 ? recorded : firstManagers(schema, type, { ...options, live });
  const plain = live === undefined ? blankObject(schema, type, applied) : withManagers(live, new Map());
  const base = nullsOf(schema, type.facts)?.(plain) ?? plain;
  const claims = new Map(before).set(key, { ...self, time: before.get(key)?.time, fields: fieldsOfApplied(rule, applied) });
  return { rule, applied, plain, base, merged: mergeValues(rule, base, applied), key, recorded, before, claims };
}

/** @param step with what is left of the merged object */
export function settleApplied(schema: Schema, type: TypeSource, options: ApplyOptions, { rule, applied, plain, base, merged, key, recorded, claims }: MergedApply): KubeObject {
  const { live, manager: name, subresource } = options;
  const fields = ownable(fieldsOfManager(claims, key), type, subresource);
  const managers = new Map([...claims].map(([of, manager]) => [of, of === key ? { ...manager, fields } : manager]));
  const wanted = settled(merged) as KubeObject;
  const object = asKept(schema, type, wanted);
  // Who says zero or null of what is not kept says something new each time, also to whoever has said the same before.
  const change = compareValues(rule, base, settled(merged, null));
  const owned = settle({ managers, self: key, change, isForced: options.force, given: givenByLastApplied(rule, live, name), elsewhere: options.elsewhere });

  const entry = owned.get(key);
  // Also the order of items counts. Who only comes to share what is there already is given no time.
  const isChanged = !jsonEqual(base, wanted);
  const timed = isChanged && entry !== undefined ? new Map(owned).set(key, { ...entry, time: options.now }) : owned;
  const annotated = withLastApplied(object, applied, name);
  const isKept = annotated === object && (object === wanted ? !isChanged : jsonEqual(plain, object));
  if (live !== undefined && isKept && sameOwners(owned, recorded)) return live;
  const result = withManagers(annotated, timed);
  return live === undefined ? withoutBlanks(result, asKept(schema, type, applied)) : result;
}

/**
 * The updated object with `managedFields` in which `manager` owns what it changed. Who sends entries of its own has them taken as the
 * record, which is how clients move fields from one manager to another; `[{}]` ends it, until the next apply; none, or such as cannot be read, change
 * nothing. Of a new object they say who owns what it does not have: all that it has is its maker's. Where the form of the object keeps its parts
 * from being told apart (an item of a list without its keys) nothing is recorded: to find that is the part of validation.
 */
export function trackUpdate(schema: Schema, type: TypeSource, options: TrackOptions): KubeObject {
  try {
    return trackedUpdate(schema, type, options);
  } catch (error) {
    if (!isStatus(error, 'BadRequest')) throw error;
    return withManagers(options.updated, new Map());
  }
}

function trackedUpdate(schema: Schema, type: TypeSource, options: TrackOptions): KubeObject {
  const { live, updated, subresource } = options;
  if (live === undefined && subresource === undefined && !isRecord(updated.metadata.managedFields)) return trackCreate(schema, type, options);
  const rule = ruleOf(schema, type);
  // Who owns what is not written through a subresource.
  const given = subresource === undefined ? updated.metadata.managedFields : undefined;
  const isReset = isEmptyRecord(given);
  const recorded: Managers = isReset ? new Map<string, Manager>() : recordOf(given, live);
  const self = { name: options.manager, operation: 'Update', apiVersion: updated.apiVersion, subresource } as const;
  const key = managerKey(self);
  const plain = withManagers(updated, new Map());
  const base = live === undefined ? blankObject(schema, type, plain) : withManagers(live, new Map());
  // Of what nobody owns no record is begun before somebody applies.
  if (live !== undefined && recorded.size === 0) return plain;
  // The nulls that Go has in an object belong to whoever makes them.
  const withNulls = nullsOf(schema, type.facts);
  const change = withNulls === undefined ? compareValues(rule, base, plain) : compareValues(rule, withNulls(base), withNulls(plain));
  if (isSame(change)) return withRecord(plain, live, recorded);

  const owned = new Map(settle({ managers: recorded, self: key, change, isForced: true }));
  const set = ownable(union(change.modified, change.added), type, subresource);
  const before = recorded.get(key);
  const kept = difference(fieldsOfManager(recorded, key), change.removed);
  if (!isEmptySet(set)) owned.set(key, { ...self, time: options.now, fields: union(kept, set) });
  else if (before !== undefined) owned.set(key, { ...before, fields: kept });
  return withManagers(plain, capped(withoutEmpty(owned)));
}

function trackCreate(schema: Schema, type: TypeSource, { updated, manager, now }: TrackOptions): KubeObject {
  const plain = updated.metadata.managedFields === undefined ? updated : withManagers(updated, new Map());
  const fieldsV1 = createdFields(schema, type, plain);
  if (fieldsV1 === undefined) return plain;
  const entry = { manager, operation: 'Update', apiVersion: plain.apiVersion, time: now, fieldsType: 'FieldsV1', fieldsV1 };
  return { ...plain, metadata: { ...plain.metadata, managedFields: [entry] } };
}

/** What the writer says of it, when that can be read, else what is known. */
function recordOf(given: readonly ManagedFieldsEntry[] | undefined, live: KubeObject | undefined): Managers {
  const known = live?.metadata.managedFields;
  return decodeManagers(given !== known && isRecord(given) ? given : known);
}

const isRecord = (entries: readonly ManagedFieldsEntry[] | undefined): entries is readonly ManagedFieldsEntry[] =>
  entries !== undefined && entries.length > 0 && recordFault(entries) === undefined;

/** What clients write to forget who owns what. */
const isEmptyRecord = (entries: readonly object[] | undefined): boolean => entries?.length === 1 && Object.keys(entries[0] ?? {}).length === 0;

/** Without a change the record stays as it is, byte for byte. */
function withRecord(plain: KubeObject, live: KubeObject | undefined, recorded: Managers): KubeObject {
  const entries = live?.metadata.managedFields;
  if (live === undefined || entries === undefined || !sameOwners(recorded, decodeManagers(entries))) return withManagers(plain, recorded);
  return { ...plain, metadata: { ...plain.metadata, managedFields: entries } };
}

function firstManagers(schema: Schema, type: TypeSource, { live, subresource, now }: { readonly live: KubeObject; readonly subresource?: string | undefined; readonly now: string }): Managers {
  const self = { name: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion: live.apiVersion, subresource } as const;
  const plain = withManagers(live, new Map());
  const { added, modified } = compareValues(ruleOf(schema, type), blankObject(schema, type, plain), plain);
  return withoutEmpty(new Map([[managerKey(self), { ...self, time: now, fields: ownable(union(added, modified), type, subresource) }]]));
}

interface Settlement {
  readonly managers: Managers;
  readonly self: string;
  readonly change: Comparison;
  readonly isForced: boolean;
  /** What may be taken from others without force. */
  readonly given?: FieldSet;
  readonly elsewhere?: readonly ManagerConflict[] | undefined;
}

/** Takes from the others what changed; their claim on it is a conflict unless it is forced. */
function settle({ managers, self, change, isForced, given = EMPTY_SET, elsewhere }: Settlement): Managers {
  const set = union(change.modified, change.added);
  const conflicts: ManagerConflict[] = [...(elsewhere ?? [])];
  const version = managers.get(self)?.apiVersion;
  const left = new Map<string, Manager>();
  for (const [key, manager] of managers) {
    if (elsewhere !== undefined && manager.apiVersion !== version) {
      left.set(key, manager);
      continue;
    }
    const taken = key === self ? EMPTY_SET : intersection(manager.fields, set);
    const contested = difference(taken, given);
    if (!isEmptySet(contested)) conflicts.push({ manager, fields: contested });
    const fields = key === self ? manager.fields : difference(difference(manager.fields, taken), change.removed);
    left.set(key, { ...manager, fields });
  }
  if (conflicts.length > 0 && !isForced) throw conflictError(conflicts);
  return withoutEmpty(left);
}

const ownable = (fields: FieldSet, type: TypeSource, subresource: string | undefined): FieldSet => withoutPaths(withoutUnowned(fields), resetFields(type, subresource));

/** What the endpoint would put back is not applied in the first place, so that it conflicts with nobody. */
const appliedPart = (applied: KubeObject, type: TypeSource, subresource: string | undefined): KubeObject =>
  resetFields(type, subresource).reduce<KubeObject>((part, path) => (path.join() === 'metadata' ? withIdentityOnly(part) : withoutMember(part, path)), applied);

const withIdentityOnly = ({ metadata: { name, namespace }, ...rest }: KubeObject): KubeObject =>
  ({ ...rest, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }) as KubeObject;

function withoutMember<T extends object>(value: T, [name = '', ...below]: FieldPath): T {
  const { [name]: member, ...rest } = value as JsonObject;
  if (member === undefined) return value;
  return (below.length > 0 && isJsonObject(member) ? { ...rest, [name]: withoutMember(member, below) } : rest) as T;
}

/**
 * Members that lost all of their content are gone; what was null in the object stays so. @param emptied what is to stand for them: to their owners
 * they are null, as they were not taken away themselves.
 */
function settled(value: unknown, emptied?: null): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => settled(item, emptied));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (!isJsonObject(value)) return value === undefined ? emptied : value;
  let isChanged = false;
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const result = settled(member, emptied);
    isChanged ||= result !== member || result === undefined;
    if (result !== undefined) kept[name] = result;
  }
  return isChanged ? kept : value;
}

/** A new object has only what was applied, not the empty parts with which it was compared. */
function withoutBlanks(object: KubeObject, applied: KubeObject): KubeObject {
  const { managedFields } = object.metadata;
  return managedFields === undefined ? applied : { ...applied, metadata: { ...applied.metadata, managedFields } };
}

function sameOwners(a: Managers, b: Managers): boolean {
  return a.size === b.size && [...a].every(([key, manager]) => {
    const other = b.get(key);
    return other !== undefined && manager.apiVersion === other.apiVersion && jsonEqual(manager.time, other.time) && setsEqual(manager.fields, other.fields);
  });
}

function capped(managers: Managers): Managers {
  const updates = [...managers].filter(([, m]) => m.operation === 'Update').sort(([, a], [, b]) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  const surplus = updates.length - MAX_UPDATE_MANAGERS;
  if (surplus <= 0) return managers;
  const result = new Map(managers);
  // One more than the surplus: the joined ones take a place themselves.
  for (const [key, manager] of updates.slice(0, surplus + 1)) {
    result.delete(key);
    const joined: Manager = { ...manager, name: ANCIENT_CHANGES, subresource: undefined };
    const joinedKey = managerKey(joined);
    result.set(joinedKey, { ...joined, fields: union(fieldsOfManager(result, joinedKey), manager.fields) });
  }
  return result;
}
