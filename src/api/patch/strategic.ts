import type { TypeReference } from '#api/facts.ts';
import { goText, goType } from '#api/go-text.ts';
import { describeValue, isJsonObject, type JsonObject, jsonEqual } from '#api/json.ts';
import { elementOrder, listKey } from '#api/patch/element-order.ts';
import type { Schema } from '#api/schema.ts';
import { badRequest, plainError, type StatusError } from '#api/status-error.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const SET_ORDER = '$setElementOrder/';

/**
 * Strategic merge patch with all of its directives, by the merge keys of the facts.
 * Parts that the patch does not name are shared with `original`.
 * @throws StatusError BadRequest for a patch with a wrong directive; without a reason for one with an unknown directive, without a merge
 * key, or against its own element order, of which Kubernetes makes no Status.
 */
export function strategicMergePatch(schema: Schema, ref: TypeReference, original: object, patch: object): object {
  return new StrategicMerge(schema).mergeMap(ref, original as JsonObject, patch as JsonObject);
}

interface FieldRule {
  readonly type: TypeReference | undefined;
  readonly mergeKey: string | undefined;
  readonly strategies: readonly string[];
}
const NO_RULE: FieldRule = { type: undefined, mergeKey: undefined, strategies: [] };

class StrategicMerge {
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  mergeMap(type: TypeReference | undefined, original: JsonObject, patch: JsonObject): JsonObject {
    if (Object.hasOwn(patch, DIRECTIVE)) return replacement(patch);
    const result: Record<string, unknown> = retained(original, patch);
    for (const [name, value] of Object.entries(patch)) {
      if (name === RETAIN_KEYS) continue;
      if (name.startsWith(SET_ORDER)) this.#reorder(type, result, patch, name, value);
      else if (name.startsWith(DELETE_FROM)) deleteScalars(result, name.slice(DELETE_FROM.length), value);
      else if (!Object.hasOwn(patch, SET_ORDER + name) || !Array.isArray(value)) this.#mergeMember(type, result, name, value);
    }
    return result;
  }

  #mergeMember(type: TypeReference | undefined, result: Record<string, unknown>, name: string, value: unknown): void {
    if (value === null) {
      delete result[name];
      return;
    }
    const merged = this.#mergeValue(this.#rule(type, name), Object.hasOwn(result, name) ? result[name] : undefined, value);
    if (merged === undefined) delete result[name];
    else result[name] = merged;
  }

  #mergeValue(rule: FieldRule, original: unknown, patch: unknown): unknown {
    if (isJsonObject(original) && isJsonObject(patch)) {
      return rule.strategies.includes('replace') ? patch : this.mergeMap(rule.type, original, patch);
    }
    if (Array.isArray(original) && Array.isArray(patch)) {
      return rule.strategies.includes('merge') ? this.#mergeList(rule, original, patch) : patch;
    }
    return withoutDirectives(patch);
  }

  #mergeList(rule: FieldRule, original: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
    if (original.length === 0 && patch.length === 0) return original;
    if (!hasObjects(original, patch)) return elementOrder([...new Set([...original, ...patch])], patch, original, undefined);
    const key = rule.mergeKey;
    if (key === undefined) throw plainError(`cannot merge lists without merge key for ${rule.type?.slice('[]'.length) ?? ''}`);
    const { base, items } = special(original as readonly JsonObject[], patch as readonly JsonObject[], key);
    const element = rule.type?.startsWith('[]') === true ? rule.type.slice(2) : undefined;
    const merged = base.slice();
    for (const item of items) {
      const at = merged.findIndex((candidate) => candidate[key] === listKey(item, key));
      const before = merged[at];
      if (before === undefined) merged.push(withoutDirectives(item) as JsonObject);
      else merged[at] = this.mergeMap(element, before, item);
    }
    return elementOrder(merged, items, original, key);
  }

  /** `$setElementOrder/<list>`: merges the list if the patch has it, then puts it into the given order. */
  #reorder(type: TypeReference | undefined, result: Record<string, unknown>, patch: JsonObject, directive: string, order: unknown): void {
    const name = directive.slice(SET_ORDER.length);
    const wanted = asList(order);
    if (result[name] === undefined && patch[name] === undefined) return;
    const before = result[name] === undefined ? [] : asList(result[name]);
    const change = patch[name] === undefined ? [] : asList(patch[name]);
    const rule = this.#rule(type, name);
    checkOrder(change, wanted, rule.mergeKey);
    const merged = this.#mergeValue(rule, before, change) as readonly unknown[];
    const contents = patch[name] === undefined ? before : merged;
    result[name] = elementOrder(contents, wanted, before, hasObjects(contents, wanted) ? rule.mergeKey : undefined);
  }

  #rule(type: TypeReference | undefined, name: string): FieldRule {
    if (type === undefined) return NO_RULE;
    if (type.startsWith('map[]')) return { ...NO_RULE, type: type.slice('map[]'.length) };
    const facts = this.#schema.type(type)?.fields.get(name);
    return facts === undefined ? NO_RULE : { type: facts.type, mergeKey: facts.mergeKey, strategies: facts.strategy?.split(',') ?? [] };
  }
}

function replacement(patch: JsonObject): JsonObject {
  const { [DIRECTIVE]: directive, ...rest } = patch;
  if (directive === 'replace') return withoutDirectives(rest) as JsonObject;
  if (directive === 'delete') return {};
  throw unknownDirective(directive, patch);
}

const unknownDirective = (directive: unknown, map: JsonObject): StatusError => plainError(`unknown patch type: ${describeValue(directive)} in map: ${goText(map)}`);

/** A copy of the original, with only the members that `$retainKeys` names if the patch has one. */
function retained(original: JsonObject, patch: JsonObject): Record<string, unknown> {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const keys = patch[RETAIN_KEYS];
  const isForeign = (name: string): boolean => patch[name] !== null && !name.startsWith('$') && !(keys as unknown[]).includes(name);
  if (!Array.isArray(keys) || Object.keys(patch).some(isForeign)) throw badRequest('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(original).filter(([name]) => keys.includes(name)));
}

function deleteScalars(result: Record<string, unknown>, name: string, values: unknown): void {
  const list = result[name];
  if (values === null) delete result[name];
  else if (Array.isArray(values) && Array.isArray(list)) result[name] = list.filter((item) => !values.includes(item));
}

/** Carries out the `$patch` items of a list: what is left to merge into, and the items to merge. */
function special(original: readonly JsonObject[], patch: readonly JsonObject[], key: string): { readonly base: JsonObject[]; readonly items: readonly JsonObject[] } {
  const items = patch.filter((item) => !Object.hasOwn(item, DIRECTIVE));
  let base = original.slice();
  let isReplaced = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, DIRECTIVE)) continue;
    const directive = item[DIRECTIVE];
    if (directive === 'delete') base = base.filter((candidate) => candidate[key] !== listKey(item, key));
    else if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') throw plainError('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(directive, item);
  }
  return isReplaced ? { base: [], items } : { base, items };
}

function hasObjects(...lists: readonly (readonly unknown[])[]): boolean {
  const items = lists.flat();
  const objects = items.filter(isJsonObject).length;
  if (objects !== 0 && objects !== items.length) throw plainError(`list element types are not identical: ${goText(lists)}`);
  return objects > 0;
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw plainError(`expected a []interface {}, but received a ${goType(value)}`);
}

/** The items of the patch must stand in the order that the patch itself asks for; directives may stand between them. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  if (order.length === 0) return;
  const keyOf = (item: unknown): unknown => (key !== undefined && isJsonObject(item) ? listKey(item, key) : item);
  const items = patch.filter((item) => !(isJsonObject(item) && item[DIRECTIVE] === 'delete'));
  let next = 0;
  for (let at = 0; at < order.length && next < items.length;) {
    const item = items[next];
    const isDirective = isJsonObject(item) && Object.hasOwn(item, DIRECTIVE);
    if (isDirective || jsonEqual(keyOf(item), keyOf(order[at]))) next += 1;
    if (!isDirective) at += 1;
  }
  if (next < items.length) throw plainError(`The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
}

/** A part of the patch that has nothing to merge with: nulls and directives in it mean nothing. Undefined when it was one itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const members = Object.entries(value).filter(([name, member]) => member !== null && !isDirective(name));
  return Object.fromEntries(members.map(([name, member]) => [name, withoutDirectives(member)]).filter(([, member]) => member !== undefined));
}

const isDirective = (name: string): boolean => name === RETAIN_KEYS || name.startsWith(SET_ORDER) || name.startsWith(DELETE_FROM);
