import { EMPTY_SET, fieldSet, type FieldSet, fieldStep, isEmptySet, LEAF, union } from './field-set.ts';
import { isHollow, isNothing, itemsByStep, itemsOf, type ListRule, type MapRule, memberRule, membersOf, type MergeRule, Repeated, ruleFor, type StructRule } from './merge-rule.ts';
import { isJsonObject, jsonEqual } from '#api/json.ts';
import { badRequest } from '#api/status-error.ts';

/** The operations of structured merge and diff (kubernetes-sigs/structured-merge-diff) on JSON values with a rule. */

/** The paths of all that a value says. `onTwice` is told of a list in which an item stands twice. */
export function fieldsOf(rule: MergeRule, value: unknown, onTwice?: () => void): FieldSet {
  const of = ruleFor(rule, value);
  if (of.form === 'leaf') return LEAF;
  const children = new Map<string, FieldSet>();
  if (of.form === 'list') {
    const items = itemsOf(value);
    // Of an item that stands twice nobody knows whose its parts are.
    for (const item of items) children.set(of.step(item), children.has(of.step(item)) ? LEAF : union(fieldsOf(of.element, item, onTwice), LEAF));
    if (onTwice !== undefined && children.size < items.length) onTwice();
    return fieldSet(false, children);
  }
  for (const [name, member] of Object.entries(membersOf(value))) {
    const { rule: inner, isNamed } = memberRule(of, name);
    const fields = fieldsOf(inner, member, onTwice);
    // An empty struct is said too; so is every key of a map, which the type does not know.
    const isSaid = !isNamed || isNothing(member) || (isJsonObject(member) && Object.keys(member).length === 0);
    children.set(fieldStep(name), isSaid ? union(fields, LEAF) : fields);
  }
  return fieldSet(false, children);
}

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}
const NO_CHANGE: Comparison = { added: EMPTY_SET, modified: EMPTY_SET, removed: EMPTY_SET };

export const isSame = (c: Comparison): boolean => isEmptySet(c.added) && isEmptySet(c.modified) && isEmptySet(c.removed);

/** What changes from `before` to `after`; undefined is absent. */
export function compareValues(rule: MergeRule, before: unknown, after: unknown): Comparison {
  if (before === after) return NO_CHANGE;
  const of = ruleFor(rule, isNothing(after) ? before : after);
  const isTwoForms = rule.form === 'any' && !isNothing(before) && !isNothing(after) && isJsonObject(before) !== isJsonObject(after);
  if (of.form === 'leaf' || isTwoForms || (isHollow(before) && isHollow(after))) return compareLeaf(before, after);
  const parts = of.form === 'list' ? compareLists(of, itemsOf(before), itemsOf(after)) : compareMembers(of, membersOf(before), membersOf(after));
  if (before === undefined) return { ...parts, added: union(parts.added, LEAF) };
  return after === undefined ? { ...parts, removed: union(parts.removed, LEAF) } : parts;
}

function compareLeaf(before: unknown, after: unknown): Comparison {
  if (before === undefined) return { ...NO_CHANGE, added: LEAF };
  if (after === undefined) return { ...NO_CHANGE, removed: LEAF };
  return jsonEqual(before, after) ? NO_CHANGE : { ...NO_CHANGE, modified: LEAF };
}

class Collector {
  readonly #added = new Map<string, FieldSet>();
  readonly #modified = new Map<string, FieldSet>();
  readonly #removed = new Map<string, FieldSet>();

  put(step: string, change: Comparison): void {
    if (change === NO_CHANGE) return;
    this.#added.set(step, change.added);
    this.#modified.set(step, change.modified);
    this.#removed.set(step, change.removed);
  }

  result(): Comparison {
    return { added: fieldSet(false, this.#added), modified: fieldSet(false, this.#modified), removed: fieldSet(false, this.#removed) };
  }
}

function compareMembers(rule: StructRule | MapRule, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Comparison {
  const changes = new Collector();
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [a, b] = [before[name], after[name]];
    if (a !== b) changes.put(fieldStep(name), compareValues(memberRule(rule, name).rule, a, b));
  }
  return changes.result();
}

function compareLists(rule: ListRule, before: readonly unknown[], after: readonly unknown[]): Comparison {
  const changes = new Collector();
  const [old, now] = [itemsByStep(rule, before), itemsByStep(rule, after)];
  for (const step of new Set([...old.keys(), ...now.keys()])) changes.put(step, compareItems(rule.element, old.get(step), now.get(step)));
  return changes.result();
}

/** Items with one name are one to whoever compares: they change as a whole, and change into what stands once as another item. */
function compareItems(rule: MergeRule, before: unknown, after: unknown): Comparison {
  if (before instanceof Repeated) {
    return after instanceof Repeated ? compareLeaf(before.items, after.items) : { ...compareValues(rule, undefined, after), removed: LEAF };
  }
  return after instanceof Repeated ? { ...compareValues(rule, before, undefined), added: LEAF } : compareValues(rule, before, after);
}

/** The live value with what is applied laid over it. A null empties what has no parts, and says nothing of those of a struct, map or list. */
export function mergeValues(rule: MergeRule, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const of = ruleFor(rule, isNothing(applied) ? live : applied);
  if (of.form === 'leaf' || (isHollow(live) && isHollow(applied))) return applied;
  if (isNothing(applied)) return live;
  if (isNothing(live)) return applied;
  if (of.form === 'list') return Array.isArray(live) && Array.isArray(applied) ? mergeLists(of, live, applied) : applied;
  if (!isJsonObject(live) || !isJsonObject(applied)) return applied;
  const result: Record<string, unknown> = { ...live };
  for (const [name, member] of Object.entries(applied)) {
    result[name] = mergeValues(memberRule(of, name).rule, Object.hasOwn(live, name) ? live[name] : undefined, member);
  }
  return result;
}

/** Items keep the order of what is applied; those that only the live list has stay where they were between the others. */
function mergeLists(rule: ListRule, live: readonly unknown[], applied: readonly unknown[]): readonly unknown[] {
  const liveSteps = live.map((item) => rule.step(item));
  const appliedSteps = applied.map((item) => rule.step(item));
  const liveBy = itemsByStep(rule, live);
  const appliedBy = new Map(applied.map((item, i) => [appliedSteps[i], item]));
  if (appliedBy.size !== applied.length) throw badRequest('the applied object has duplicate entries in an associative list');
  const shared = appliedSteps.filter((step) => liveBy.has(step));
  const done = new Set<string>();
  const out: unknown[] = [];
  let next = 0;
  const take = (step: string): void => {
    const item = liveBy.get(step);
    // What is applied takes the place of all that stand twice: into which of them would it be merged?
    out.push(mergeValues(rule.element, item instanceof Repeated ? undefined : item, appliedBy.get(step)));
    done.add(step);
    if (shared[next] === step) next += 1;
  };
  let l = 0;
  let r = 0;
  while (l < live.length || r < applied.length) {
    const [left, right] = [liveSteps[l], appliedSteps[r]];
    if (left !== undefined && left === right) {
      take(left);
      l += 1;
      r += 1;
    } else if (left !== undefined && right !== undefined && appliedBy.has(left) && next < shared.length && shared[next] !== left) l += 1;
    else if (left !== undefined && !appliedBy.has(left)) {
      out.push(live[l]);
      l += 1;
    } else if (left !== undefined && done.has(left)) l += 1;
    else if (right !== undefined) {
      take(right);
      r += 1;
    } else l += 1;
  }
  return out;
}

/** The value without the paths of the set. A list or object that loses all becomes undefined: nothing. */
export function removeFields(rule: MergeRule, value: unknown, remove: FieldSet): unknown {
  if (isNothing(value) || remove.children.size === 0) return value;
  const of = ruleFor(rule, value);
  if (of.form === 'leaf') return value;
  if (of.form === 'list') {
    const kept = itemsOf(value).flatMap((item) => {
      const below = remove.children.get(of.step(item));
      if (below?.isMember === true) return [];
      return [below === undefined ? item : removeFields(of.element, item, below)];
    });
    return kept.length > 0 ? kept : undefined;
  }
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(membersOf(value))) {
    const below = remove.children.get(fieldStep(name));
    if (below?.isMember === true) continue;
    kept[name] = below === undefined ? member : removeFields(memberRule(of, name).rule, member, below);
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** The set with every field of a type that leads to a member made one itself. */
export function withNamedFields(rule: MergeRule, set: FieldSet): FieldSet {
  if (set.children.size === 0) return set;
  const children = new Map<string, FieldSet>();
  for (const [step, child] of set.children) {
    const inner = stepRule(rule, step);
    const below = withNamedFields(inner.rule, child);
    children.set(step, inner.isNamed && !below.isMember ? { ...below, isMember: true } : below);
  }
  return { isMember: set.isMember, children };
}

function stepRule(rule: MergeRule, step: string): { readonly rule: MergeRule; readonly isNamed: boolean } {
  if (step.startsWith('f:') && (rule.form === 'struct' || rule.form === 'map')) return memberRule(rule, step.slice(2));
  return { rule: rule.form === 'list' ? rule.element : rule, isNamed: false };
}
