import { canonicalJson, isJsonObject, type JsonObject } from '#api/json.ts';
import { badRequest } from '#api/status-error.ts';

/**
 * A set of paths in an object, as a tree. A step is written as in `fieldsV1`: `f:name` a field, `k:{"name":"a"}` an item of a
 * list by its keys, `v:"a"` an item of a set, `i:0` an item by its index. Immutable.
 */
export interface FieldSet {
  /** The path that leads here is in the set. */
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();
export const EMPTY_SET: FieldSet = { isMember: false, children: NO_CHILDREN };
export const LEAF: FieldSet = { isMember: true, children: NO_CHILDREN };

export const isEmptySet = (set: FieldSet): boolean => !set.isMember && set.children.size === 0;
export const fieldStep = (name: string): string => `f:${name}`;
export const keyStep = (keys: JsonObject): string => `k:${canonicalJson(keys)}`;
export const valueStep = (value: unknown): string => `v:${canonicalJson(value)}`;

/** Drops what is empty, so that an empty set has one form. */
export function fieldSet(isMember: boolean, children: Map<string, FieldSet>): FieldSet {
  for (const [step, child] of children) if (isEmptySet(child)) children.delete(step);
  return children.size > 0 ? { isMember, children } : isMember ? LEAF : EMPTY_SET;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  // Copied when the first child differs: most sets that meet say the same of most fields.
  let children: Map<string, FieldSet> | undefined;
  for (const [step, child] of b.children) {
    const own = a.children.get(step);
    const joined = union(own ?? EMPTY_SET, child);
    if (joined !== own) (children ??= new Map(a.children)).set(step, joined);
  }
  const isMember = a.isMember || b.isMember;
  return children === undefined && isMember === a.isMember ? a : { isMember, children: children ?? a.children };
}

/** The paths of `a` that are not paths of `b`; what lies below a path of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a;
  let children: Map<string, FieldSet> | undefined;
  for (const [step, child] of b.children) {
    const own = a.children.get(step);
    const left = own && difference(own, child);
    if (left === undefined || left === own) continue;
    children ??= new Map(a.children);
    if (isEmptySet(left)) children.delete(step);
    else children.set(step, left);
  }
  const isMember = a.isMember && !b.isMember;
  if (children === undefined && isMember === a.isMember) return a;
  const kept = children ?? a.children;
  return kept.size > 0 ? { isMember, children: kept } : isMember ? LEAF : EMPTY_SET;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [step, child] of a.children) {
    const other = b.children.get(step);
    if (other !== undefined) children.set(step, intersection(child, other));
  }
  return fieldSet(a.isMember && b.isMember, children);
}

export function setsEqual(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.isMember !== b.isMember || a.children.size !== b.children.size) return false;
  for (const [step, child] of a.children) {
    const other = b.children.get(step);
    if (other === undefined || !setsEqual(child, other)) return false;
  }
  return true;
}

const SELF = '.';
const RANK: Readonly<Record<string, number>> = { '.': 0, f: 1, k: 2, v: 3, i: 4 };
const byStep = (a: string, b: string): number => (RANK[a[0] ?? ''] ?? 9) - (RANK[b[0] ?? ''] ?? 9) || (a < b ? -1 : a > b ? 1 : 0);

export function encodeFields(set: FieldSet): JsonObject {
  const steps = [...set.children.keys()].sort(byStep);
  const fields = steps.map((step): [string, JsonObject] => {
    const child = set.children.get(step) ?? EMPTY_SET;
    const below = encodeFields(child);
    return [step, child.isMember && child.children.size > 0 ? { [SELF]: {}, ...below } : below];
  });
  return Object.fromEntries(fields);
}

/** @throws StatusError BadRequest for what is no `fieldsV1`. */
export function decodeFields(fields: unknown): FieldSet {
  const root = decodeNode(fields);
  return { ...root, isMember: false };
}

function decodeNode(fields: unknown): FieldSet {
  if (!isJsonObject(fields)) throw badRequest('metadata.managedFields: fieldsV1 must be an object');
  const names = Object.keys(fields);
  if (names.length === 0) return LEAF;
  const children = new Map<string, FieldSet>();
  for (const name of names) {
    if (name === SELF) continue;
    if (!/^[fkvi]:/.test(name)) throw badRequest(`metadata.managedFields: invalid path element ${JSON.stringify(name)} in fieldsV1`);
    children.set(normalStep(name), decodeNode(fields[name]));
  }
  return { isMember: Object.hasOwn(fields, SELF), children };
}

/** Keys and values may be written with other spacing or order by others. */
function normalStep(step: string): string {
  if (step.startsWith('f:') || step.startsWith('i:')) return step;
  try {
    return step.slice(0, 2) + canonicalJson(JSON.parse(step.slice(2)));
  } catch (error) {
    throw badRequest(`metadata.managedFields: invalid path element ${JSON.stringify(step)}: ${(error as Error).message}`);
  }
}

/** `.spec.containers[name="a"].image`, one text a member; what lies deeper comes behind all that does not, as in Kubernetes. */
export function pathTexts(set: FieldSet, prefix = ''): readonly string[] {
  const steps = [...set.children].sort(([a], [b]) => byStep(a, b)).map(([step, child]) => ({ child, path: prefix + stepText(step) }));
  return [...steps.filter(({ child }) => child.isMember).map(({ path }) => path), ...steps.flatMap(({ child, path }) => pathTexts(child, path))];
}

/** `.image`, `[name="a"]` */
export function stepText(step: string): string {
  const content = step.slice(2);
  switch (step[0]) {
    case 'f': return `.${content}`;
    case 'k': return `[${Object.entries(JSON.parse(content) as JsonObject).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    case 'v': return `[=${content}]`;
    default: return `[${content}]`;
  }
}
