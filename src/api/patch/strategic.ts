import type { TypeReference } from '#api/facts.ts';
import { goText, goType } from '#api/go-text.ts';
import { isJsonObject, type JsonObject, jsonEqual } from '#api/json.ts';
import { elementOrder, listKey, requireMap } from '#api/patch/element-order.ts';
import { type FieldRule, listRule, memberRule } from '#api/patch/strategic-rules.ts';
import { UnfitPatch } from '#api/patch/unfit-patch.ts';
import type { Schema } from '#api/schema.ts';
import { badRequest, plainError, type StatusError } from '#api/status-error.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const SET_ORDER = '$setElementOrder';

/**
 * Strategic merge patch with all of its directives, by the merge keys of the facts. What the patch says of a part that it replaces or adds to a list
 * stands in the result as it was sent, with nulls and directives: the type does not have those.
 * Parts that the patch does not name are shared with `original`.
 * @throws StatusError BadRequest for a patch with a wrong directive; without a reason for one with an unknown directive, without a merge
 * key, of a field that is not there, or against its own element order, of which Kubernetes makes no Status.
 */
export function strategicMergePatch(schema: Schema, ref: TypeReference, original: object, patch: object): object {
  return new StrategicMerge(schema).mergeMap(ref, original as JsonObject, patch as JsonObject);
}

class StrategicMerge {
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  mergeMap(type: TypeReference, original: JsonObject, patch: JsonObject): JsonObject {
    if (Object.hasOwn(patch, DIRECTIVE)) return replacement(patch);
    const result: Record<string, unknown> = retained(original, patch);
    const orders = Object.keys(patch).filter((name) => name.startsWith(SET_ORDER));
    const ordered = new Set(orders.map((directive) => this.#reorder(type, result, patch, directive)));
    for (const [name, value] of Object.entries(patch)) {
      if (name === RETAIN_KEYS || name.startsWith(SET_ORDER) || ordered.has(name)) continue;
      const isDeletion = name.startsWith(DELETE_FROM);
      const member = isDeletion ? listOf(name, DELETE_FROM, 'invalid patch format of primitive list') : name;
      const merged = this.#mergeMember(type, { name: member, isDeletion }, Object.hasOwn(result, member) ? result[member] : undefined, value);
      if (merged === undefined) delete result[member];
      else result[member] = merged;
    }
    return result;
  }

  /** Undefined for a member that goes. */
  #mergeMember(type: TypeReference, { name, isDeletion }: { readonly name: string; readonly isDeletion: boolean }, original: unknown, patch: unknown): unknown {
    if (patch === null) return undefined;
    if (original === undefined || original === null || goType(original) !== goType(patch)) return isDeletion ? original : withoutDirectives(withoutNulls(patch));
    if (isJsonObject(original) && isJsonObject(patch)) {
      const rule = memberRule(this.#schema, type, name);
      return rule.strategy === 'replace' ? patch : this.mergeMap(rule.type, original, patch);
    }
    return Array.isArray(original) && Array.isArray(patch) ? this.#mergeList(listRule(this.#schema, type, name), original, patch, isDeletion) : patch;
  }

  #mergeList(rule: FieldRule, original: readonly unknown[], patch: readonly unknown[], isDeletion = false): readonly unknown[] {
    if (rule.strategy !== 'merge' && !isDeletion) return patch;
    if (original.length === 0 && patch.length === 0) return original;
    const isOfMaps = elementType(original, patch) === MAP;
    if (!isOfMaps && isDeletion) return original.filter((item) => !patch.includes(item));
    const key = rule.mergeKey;
    if (!isOfMaps) return elementOrder([...new Set([...original, ...patch])], { wanted: patch, server: original, key });
    if (key === undefined) throw plainError(`cannot merge lists without merge key for ${rule.kind}`);
    const { base, items, isReplaced } = special(original as readonly JsonObject[], patch as readonly JsonObject[], key);
    if (isReplaced) return elementOrder(items, { wanted: [], server: items, key });
    const merged: JsonObject[] = base.slice();
    for (const item of items) {
      const value = listKey(item, key);
      const at = merged.findIndex((candidate) => Object.hasOwn(candidate, key) && candidate[key] === value);
      const before = merged[at];
      if (before === undefined) merged.push(item);
      else merged[at] = this.mergeMap(rule.type, before, item);
    }
    return elementOrder(merged, { wanted: items, server: base, key });
  }

  /** `$setElementOrder/<list>`: merges the list if the patch has it, then puts it into the given order. Gives the name of the list. */
  #reorder(type: TypeReference, result: Record<string, unknown>, patch: JsonObject, directive: string): string {
    const wanted = asList(patch[directive]);
    const name = listOf(directive, SET_ORDER, 'invalid patch format of setElementOrder list');
    const before = Object.hasOwn(result, name) ? asList(result[name]) : undefined;
    const change = Object.hasOwn(patch, name) ? asList(patch[name]) : undefined;
    const rule = listRule(this.#schema, type, name);
    checkOrder(change ?? [], wanted, rule.mergeKey);
    const contents = change === undefined ? before : before === undefined ? withoutDirectives(change) as readonly unknown[] : this.#mergeList(rule, before, change);
    if (contents === undefined) return name;
    elementType(before ?? [], change ?? [], true);
    result[name] = elementOrder(contents, { wanted, server: before ?? [], key: rule.mergeKey });
    return name;
  }
}

/** The list of which a directive speaks. */
function listOf(directive: string, prefix: string, why: string): string {
  if (!directive.startsWith(`${prefix}/`)) throw badRequest(why);
  return directive.slice(prefix.length + 1);
}

function replacement(patch: JsonObject): JsonObject {
  const { [DIRECTIVE]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw unknownDirective(directive, patch);
}

function unknownDirective(directive: unknown, map: JsonObject): StatusError {
  const text = typeof directive === 'number' || typeof directive === 'boolean' ? `%!s(${goType(directive)}=${String(directive)})` : directive === null ? goType(null) : goText(directive);
  return plainError(`unknown patch type: ${text} in map: ${goText(map)}`);
}

/** A copy of the original, with only the members that `$retainKeys` names if the patch has one. */
function retained(original: JsonObject, patch: JsonObject): Record<string, unknown> {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const keys = patch[RETAIN_KEYS];
  const isForeign = (name: string): boolean =>
    patch[name] !== null && name !== RETAIN_KEYS && !name.startsWith(DELETE_FROM) && !name.startsWith(SET_ORDER) && !(keys as unknown[]).includes(name);
  if (!Array.isArray(keys) || Object.keys(patch).some(isForeign)) throw badRequest('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(original).filter(([name]) => keys.includes(name)));
}

/** Carries out the `$patch` items of a list: what is left to merge into, and the items to merge. */
function special(original: readonly JsonObject[], patch: readonly JsonObject[], key: string): { readonly base: readonly JsonObject[]; readonly items: readonly JsonObject[]; readonly isReplaced: boolean } {
  const items = patch.filter((item) => !Object.hasOwn(item, DIRECTIVE));
  let base = original;
  let isReplaced = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, DIRECTIVE)) continue;
    const directive = item[DIRECTIVE];
    if (directive === 'delete') {
      const value = listKey(item, key);
      base = base.filter((candidate) => !Object.hasOwn(candidate, key) || candidate[key] !== value);
    } else if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') throw plainError('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(directive, item);
  }
  return { base, items, isReplaced };
}

const MAP = goType({});

/** The one type of all items; undefined for none, which may be refused. */
function elementType(original: readonly unknown[], patch: readonly unknown[], isNeeded = false): string | undefined {
  const types = new Set([...original, ...patch].map(goType));
  const [first] = types;
  if (first === undefined && isNeeded) throw plainError('no elements in any of the given slices');
  if (first === goType([])) throw new UnfitPatch('lists of lists are not supported');
  if (types.size > 1) throw plainError(`list element types are not identical: ${goText([original, patch])}`);
  return first;
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw plainError(`expected a []interface {}, but received a ${goType(value)}`);
}

/** The items of the patch must stand in the order that the patch itself asks for; directives may stand between them. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  if (order.length === 0 || patch.length === 0) return;
  const keyOf = (item: unknown): unknown => (key === undefined ? item : listKey(requireMap(item), key));
  const items = key === undefined ? patch : patch.filter((item) => requireMap(item)[DIRECTIVE] !== 'delete');
  let next = 0;
  for (let at = 0; at < order.length && next < items.length;) {
    const item = items[next];
    const isDirective = isJsonObject(item) && Object.hasOwn(item, DIRECTIVE);
    if (isDirective || jsonEqual(keyOf(item), keyOf(order[at]))) next += 1;
    if (!isDirective) at += 1;
  }
  if (next < items.length) throw plainError(`The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
}

/** Without the members that are null, in which the patch has nothing to delete. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null).map(([name, member]) => [name, withoutNulls(member)]));
}

/** Without the objects that say what is to be done with others. Undefined when it was one itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutDirectives(member)]).filter(([, member]) => member !== undefined));
}
