import { isJsonObject, type JsonObject } from '#api/json.ts';
import { badRequest } from '#api/status-error.ts';
import { keyStep, valueStep } from './field-set.ts';

/** How a value is merged. `any` is for values without facts: objects by member, all else as a whole. */
export type MergeRule = LeafRule | AnyRule | StructRule | MapRule | ListRule;
export interface LeafRule { readonly form: 'leaf' }
export interface AnyRule { readonly form: 'any' }
export interface MapRule { readonly form: 'map'; readonly element: MergeRule }
export interface ListRule {
  readonly form: 'list';
  readonly element: MergeRule;
  /** Names an item; equal names, equal items. */
  step(item: unknown): string;
}

export const LEAF_RULE: LeafRule = { form: 'leaf' };
export const ANY_RULE: AnyRule = { form: 'any' };

export interface StructRule {
  readonly form: 'struct';
  /** What the type does not have may stand in it all the same. */
  readonly isOpen?: boolean;
  /** Undefined for what the type does not have. */
  field(name: string): MergeRule | undefined;
}

export const SET_RULE: ListRule = { form: 'list', element: LEAF_RULE, step: valueStep };

export interface ItemKey {
  readonly name: string;
  /** Stands for a key that an item leaves out. */
  readonly fallback: unknown;
}

/** Names the items of a list by their keys. The step throws BadRequest for an item without any. */
export function itemStep(keys: readonly ItemKey[]): (item: unknown) => string {
  return (item) => {
    if (!isJsonObject(item)) throw badRequest('associative list with keys may not have non-map elements');
    const named: Record<string, unknown> = {};
    for (const { name, fallback } of keys) {
      const value = item[name] ?? fallback;
      if (value !== undefined) named[name] = value;
    }
    if (Object.keys(named).length === 0) throw badRequest(`associative list with keys has an element that omits all key fields [${keys.map(({ name }) => JSON.stringify(name)).join(' ')}] (and doesn't have default values for any key fields)`);
    return keyStep(named);
  };
}

/** The rule for a value of `any`: what it is decides. */
export function ruleFor(rule: MergeRule, value: unknown): LeafRule | StructRule | MapRule | ListRule {
  if (rule.form !== 'any') return rule;
  return isJsonObject(value) ? ANY_MAP : LEAF_RULE;
}
const ANY_MAP: MapRule = { form: 'map', element: ANY_RULE };

/** The rule of a member of a struct or map; `isNamed` for fields that the type has. */
export function memberRule(rule: StructRule | MapRule, name: string): { readonly rule: MergeRule; readonly isNamed: boolean } {
  if (rule.form === 'map') return { rule: rule.element, isNamed: false };
  const field = rule.field(name);
  return field === undefined ? { rule: ANY_RULE, isNamed: false } : { rule: field, isNamed: true };
}

/** Null and absent are one, as in Go. */
export const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;
export const isHollow = (value: unknown): boolean => isNothing(value) || Object.keys(value as object).length === 0;
export const membersOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Items of a list that have one name. Updates may write such; what is applied may not. */
export class Repeated {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** The items of a list by their names; those that share one are {@link Repeated}. */
export function itemsByStep(rule: ListRule, items: readonly unknown[]): ReadonlyMap<string, unknown> {
  const named = new Map<string, unknown>();
  for (const item of items) {
    const step = rule.step(item);
    const same = named.get(step);
    named.set(step, !named.has(step) ? item : new Repeated([...(same instanceof Repeated ? same.items : [same]), item]));
  }
  return named;
}
