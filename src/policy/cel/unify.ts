import { DYN, type Type } from './types.ts';

/** Assigns types to each other and remembers what type parameters came to stand for. */
export class Unifier {
  readonly #bindings = new Map<string, Type>();
  #fresh = 0;

  /** The type with fresh parameters in the place of its own; `names` keeps those of one signature together. */
  instantiate(type: Type, names: Map<string, Type>): Type {
    if (type.kind === 'param') {
      const name = type.name ?? '';
      const known = names.get(name) ?? this.fresh();
      names.set(name, known);
      return known;
    }
    return type.of ? { ...type, of: type.of.map((t) => this.instantiate(t, names)) } : type;
  }

  fresh(): Type {
    return { kind: 'param', name: `#${this.#fresh++}` };
  }

  /** All or nothing: when one does not fit, no parameter is bound. */
  assignAll(expected: readonly Type[], actual: readonly Type[]): boolean {
    const before = new Map(this.#bindings);
    if (expected.every((type, i) => this.assign(type, actual[i] ?? DYN))) return true;
    this.#bindings.clear();
    for (const [name, type] of before) this.#bindings.set(name, type);
    return false;
  }

  assign(expected: Type, actual: Type): boolean {
    const to = this.shallow(expected);
    const from = this.shallow(actual);
    if (to === from) return true;
    if (to.kind === 'param') return this.#bind(to, from);
    if (from.kind === 'param') return this.#bind(from, to);
    if (isAny(to) || isAny(from)) return true;
    if (from.kind === 'null') return to.kind === 'null' || NULLABLE.has(to.kind);
    if (to.kind === 'null') return NULLABLE.has(from.kind);
    if (to.kind !== from.kind) return false;
    if (to.kind === 'object' || to.kind === 'opaque') return to.name === from.name;
    if (to.kind === 'type') return true;
    return (to.of ?? []).every((type, i) => this.assign(type, from.of?.[i] ?? DYN));
  }

  /** The type with all that is known of its parameters; unknown ones are dyn. */
  resolve(type: Type): Type {
    const known = this.shallow(type);
    if (known.kind === 'param') return DYN;
    return known.of?.some(hasParameter) ? { ...known, of: known.of.map((t) => this.resolve(t)) } : known;
  }

  /** The type with all that is known of its parameters; unknown ones stay, each different from all others. */
  known(type: Type): Type {
    const known = this.shallow(type);
    return known.of?.some(hasParameter) ? { ...known, of: known.of.map((t) => this.known(t)) } : known;
  }

  /** What a parameter stands for, as far as that is known. */
  shallow(type: Type): Type {
    let known = type;
    while (known.kind === 'param') {
      const next = this.#bindings.get(known.name ?? '');
      if (!next) return known;
      known = next;
    }
    return known;
  }

  #bind(parameter: Type, type: Type): boolean {
    if (type.kind === 'param' && type.name === parameter.name) return true;
    if (this.#occurs(parameter.name ?? '', type)) return false;
    this.#bindings.set(parameter.name ?? '', type);
    return true;
  }

  #occurs(name: string, type: Type): boolean {
    const known = this.shallow(type);
    return known.kind === 'param' ? known.name === name : (known.of?.some((t) => this.#occurs(name, t)) ?? false);
  }
}

const isDynamic = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'any';
const NULLABLE = new Set(['object', 'opaque', 'timestamp', 'duration']);
/** Whether the first says no more of its values than the second does. */
export function isAsGeneral(a: Type, b: Type): boolean {
  if (isDynamic(a) || a.kind === 'param') return true;
  if (isDynamic(b) || b.kind === 'param' || a.kind !== b.kind) return false;
  if (a.kind === 'object' || a.kind === 'opaque') return a.name === b.name;
  return a.kind === 'type' || (a.of ?? []).every((of, i) => isAsGeneral(of, b.of?.[i] ?? DYN));
}

const isAny = (type: Type): boolean => isDynamic(type) || type.kind === 'error';
const hasParameter = (type: Type): boolean => type.kind === 'param' || (type.of?.some(hasParameter) ?? false);
