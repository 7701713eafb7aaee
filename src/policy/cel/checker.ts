import { type CallNode, type FoldNode, type ListNode, type MapNode, mentions, type Node, qualifiedName, type SelectNode, type StructNode } from './ast.ts';
import type { CelEnvironment, Overload } from './declarations.ts';
import { CompileError, type Issue } from './errors.ts';
import { TYPE_NAMES } from './type-names.ts';
import { BOOL, DYN, elementOf, ERROR, formatType, INT, list, map, optional, type Type, typeOf, valueOf } from './types.ts';
import { isAsGeneral, Unifier } from './unify.ts';
import { validate } from './validators.ts';
import { TypeValue, type Value } from './values.ts';

/** An expression whose types fit, with what the evaluation and the estimate of its cost need. */
export interface Checked {
  readonly node: Node;
  readonly type: Type;
  readonly types: ReadonlyMap<Node, Type>;
  /** The signatures that a call may have; which one it is, dynamic values decide when they are known. */
  readonly overloads: ReadonlyMap<Node, readonly Overload[]>;
  /** Names that stand for a value known at once, such as `int`. */
  readonly constants: ReadonlyMap<Node, Value>;
  /** Calls whose target is a namespace and not a value, and selections that are a variable with dots in its name: the qualified name. */
  readonly namespaced: ReadonlyMap<Node, string>;
  /** Selections of a field that values hold by another name. */
  readonly renamed: ReadonlyMap<Node, string>;
}

/** @throws CompileError with all issues */
export function check(source: string, node: Node, environment: CelEnvironment): Checked {
  const checker = new Checker(environment);
  const type = checker.check(node);
  if (checker.issues.length > 0) throw new CompileError(source, inOrder(checker.issues));
  for (const [at, found] of checker.types) checker.types.set(at, checker.unifier.resolve(found));
  const problems = validate(node, checker.types);
  if (problems.length > 0) throw new CompileError(source, inOrder(problems));
  return { node, type: checker.unifier.resolve(type), types: checker.types, overloads: checker.overloads, constants: checker.constants, namespaced: checker.namespaced, renamed: checker.renamed };
}

const inOrder = (issues: readonly Issue[]): readonly Issue[] => issues.toSorted((a, b) => a.position - b.position);

interface Local {
  readonly name: string;
  readonly type: Type;
}

class Checker {
  readonly issues: Issue[] = [];
  readonly types = new Map<Node, Type>();
  readonly overloads = new Map<Node, readonly Overload[]>();
  readonly constants = new Map<Node, Value>();
  readonly namespaced = new Map<Node, string>();
  readonly renamed = new Map<Node, string>();
  readonly unifier = new Unifier();
  readonly #environment: CelEnvironment;
  #locals: readonly Local[] = [];

  constructor(environment: CelEnvironment) {
    this.#environment = environment;
  }

  check(node: Node): Type {
    const type = this.#typeOf(node);
    this.types.set(node, type);
    return type;
  }

  #report(position: number, message: string): Type {
    this.issues.push({ position, message });
    return ERROR;
  }

  #format(type: Type): string {
    return formatType(this.unifier.resolve(type));
  }

  #typeOf(node: Node): Type {
    switch (node.kind) {
      case 'const': return node.type;
      case 'ident': return this.#ident(node.name, node);
      case 'select': return this.#select(node);
      case 'call': return this.#call(node);
      case 'list': return this.#list(node);
      case 'map': return this.#map(node);
      case 'struct': return this.#struct(node);
      case 'fold': return this.#fold(node);
      case 'bind': return this.#within([{ name: node.name, type: this.check(node.init) }], () => this.check(node.body));
      case 'optMap': {
        const target = this.unifier.resolve(this.check(node.target));
        if (target.kind !== 'optional' && !isLoose(target)) return this.#report(node.position, `found no matching overload for '${node.isFlat ? 'optFlatMap' : 'optMap'}' applied to '${formatType(target)}.()'`);
        const body = this.#within([{ name: node.name, type: elementOf(target) }], () => this.check(node.body));
        if (!node.isFlat) return optional(body);
        const flat = optional(this.unifier.fresh());
        return this.unifier.assign(flat, body) ? flat : this.#report(node.position, `found no matching overload for '_?_:_' applied to '(bool, ${this.#format(body)}, ${formatType(optional(DYN))})'`);
      }
    }
  }

  #within<T>(locals: readonly Local[], run: () => T): T {
    const before = this.#locals;
    this.#locals = [...locals, ...before];
    const result = run();
    this.#locals = before;
    return result;
  }

  #variable(name: string): Type | undefined {
    return this.#locals.find((local) => local.name === name)?.type ?? this.#environment.variable(name);
  }

  #ident(name: string, node: Node): Type {
    const known = this.#variable(name);
    if (known) return known;
    const type = TYPE_NAMES.get(name);
    if (type) {
      this.constants.set(node, new TypeValue(name));
      return typeOf(type);
    }
    return this.#report(node.position, `undeclared reference to '${name}' (in container '')`);
  }

  #select(node: SelectNode): Type {
    const qualified = qualifiedName(node);
    if (qualified !== undefined && TYPE_NAMES.has(qualified) && !this.#variable(qualified.split('.')[0] ?? '')) return this.#ident(qualified, node);
    const variable = qualified === undefined ? undefined : this.#environment.variable(qualified);
    if (qualified !== undefined && variable) {
      this.namespaced.set(node, qualified);
      return variable;
    }
    const operand = this.unifier.resolve(this.check(node.operand));
    const isOptional = operand.kind === 'optional';
    const holder = isOptional ? elementOf(operand) : operand;
    const field = this.#renamed(holder, node) ?? this.#field(holder, node.field, node.position);
    if (node.isTest) return BOOL;
    return (node.isOptional || isOptional) && field.kind !== 'optional' ? optional(field) : field;
  }

  #field(operand: Type, field: string, position: number): Type {
    if (isLoose(operand) || operand.kind === 'any') return operand.kind === 'error' ? ERROR : DYN;
    if (operand.kind === 'map') return valueOf(operand);
    if (operand.kind === 'object') return operand.field?.(field) ?? this.#report(position, `undefined field '${field}'`);
    return this.#report(position, `type '${formatType(operand)}' does not support field selection`);
  }

  #renamed({ field, heldAs }: Type, node: SelectNode): Type | undefined {
    const held = field?.(node.field) ? undefined : heldAs?.(node.field);
    const type = held === undefined ? undefined : field?.(held);
    if (held !== undefined && type) this.renamed.set(node, held);
    return type;
  }

  #list(node: ListNode): Type {
    let element: Type | undefined;
    for (const { value, isOptional } of node.elements) element = this.#join(element, this.#entry(value, isOptional));
    return list(element ?? this.unifier.fresh());
  }

  /** The more general of two types; dyn of those that do not fit, which only the arguments of `format` may be. */
  #join(known: Type | undefined, type: Type): Type {
    if (known === undefined) return type;
    if (!this.unifier.assign(known, type)) return DYN;
    return isAsGeneral(this.unifier.shallow(known), this.unifier.shallow(type)) ? known : type;
  }

  /** A value of a literal; optional ones (`[?x]`) stand for what they hold. */
  #entry(node: Node, isOptional: boolean): Type {
    const type = this.check(node);
    if (!isOptional) return type;
    const known = this.unifier.shallow(type);
    if (known.kind === 'optional') return elementOf(known);
    return isLoose(known) ? known : this.#report(node.position, `expected type '${this.#format(optional(known))}' but found '${this.#format(known)}'`);
  }

  #map(node: MapNode): Type {
    let key: Type | undefined;
    let value: Type | undefined;
    for (const entry of node.entries) {
      key = this.#join(key, this.check(entry.key));
      value = this.#join(value, this.#entry(entry.value, entry.isOptional));
    }
    return map(key ?? this.unifier.fresh(), value ?? this.unifier.fresh());
  }

  #struct(node: StructNode): Type {
    const declaration = this.#environment.struct?.(node.name);
    for (const field of node.fields) {
      const given = this.#entry(field.value, field.isOptional);
      if (!declaration) continue;
      const wanted = this.#field(declaration.type, field.name, field.position);
      if (!this.unifier.assign(wanted, given)) this.#report(field.position, `expected type of field '${field.name}' is '${this.#format(wanted)}' but provided type is '${this.#format(given)}'`);
    }
    return declaration?.type ?? this.#report(node.position, `undeclared reference to '${node.name}' (in container '')`);
  }

  #fold(node: FoldNode): Type {
    const range = this.unifier.resolve(this.check(node.range));
    const locals = this.#rangeTypes(range, node);
    const [filter, body] = this.#within(locals, () => [node.filter && this.check(node.filter), this.check(node.body)]);
    const isMap = range.kind === 'map';
    switch (node.macro) {
      case 'all': case 'exists':
        return this.#logical([node.body]);
      case 'existsOne':
        this.#requireBool(body, (found) => `found no matching overload for '_?_:_' applied to '(${found}, int, int)'`, node.position);
        return BOOL;
      case 'filter': {
        const element = locals[0]?.type ?? DYN;
        const of = this.#format(list(element));
        this.#requireBool(body, (found) => `found no matching overload for '_?_:_' applied to '(${found}, ${of}, ${of})'`, node.position);
        return list(element, range.max);
      }
      default: {
        const result = this.#transformed(node, body, isMap ? elementOf(range) : INT, range.max);
        const of = this.#format(result);
        if (filter) this.#requireBool(filter, (found) => `found no matching overload for '_?_:_' applied to '(${found}, ${of}, ${of})'`, node.position);
        return result;
      }
    }
  }

  #transformed(node: FoldNode, body: Type, key: Type, max: number | undefined): Type {
    if (node.macro === 'transformMap') return map(key, body, max);
    if (node.macro !== 'transformMapEntry') return list(body, max);
    const entry = this.unifier.resolve(body);
    if (entry.kind === 'map' || isLoose(entry)) return entry.kind === 'map' ? map(elementOf(entry), valueOf(entry), max) : entry;
    return this.#report(node.position, `found no matching overload for 'cel.@mapInsert' applied to '(map(dyn, dyn), ${formatType(entry)})'`);
  }

  #requireBool(type: Type, message: (found: string) => string, position: number): void {
    const found = this.#format(type);
    if (!this.unifier.assign(BOOL, type)) this.#report(position, message(found));
  }

  #rangeTypes(range: Type, node: FoldNode): readonly Local[] {
    const [first = '', second] = node.variables;
    const types = this.#elementTypes(range, second !== undefined);
    if (!types) {
      this.#report(node.range.position, `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
      return node.variables.map((name) => ({ name, type: ERROR }));
    }
    return second === undefined ? [{ name: first, type: types[0] }] : [{ name: first, type: types[0] }, { name: second, type: types[1] }];
  }

  #elementTypes(range: Type, isPair: boolean): readonly [Type, Type] | undefined {
    if (isLoose(range)) return range.kind === 'error' ? [ERROR, ERROR] : [DYN, DYN];
    if (range.kind === 'list') return [isPair ? INT : elementOf(range), elementOf(range)];
    return range.kind === 'map' ? [elementOf(range), valueOf(range)] : undefined;
  }

  #call(node: CallNode): Type {
    const namespaced = this.#namespaced(node);
    if (namespaced !== undefined) this.namespaced.set(node, namespaced);
    const target = namespaced === undefined ? node.target : undefined;
    const args = node.args.map((arg) => this.check(arg));
    if (node.name === '_&&_' || node.name === '_||_') return this.#logical(node.args);
    const targetType = target && this.check(target);
    const name = namespaced ?? node.name;
    const candidates = this.#environment.functions[name];
    if (!candidates) return this.#report(node.position, `undeclared reference to '${name}' (in container '')`);
    const types = targetType ? [targetType, ...args] : args;
    const result = this.#resolve(node, candidates.filter((o) => o.isMember === (target !== undefined) && o.params.length === types.length), types);
    if (!result) return this.#report(node.position, `found no matching overload for '${name}' applied to '${targetType ? `${this.#format(targetType)}.` : ''}(${args.map((t) => this.#format(t)).join(', ')})'`);
    return result;
  }

  /** Operands of `&&` and `||`, whose types are known already. */
  #logical(operands: readonly Node[]): Type {
    let result = BOOL;
    for (const operand of operands) {
      const type = this.types.get(operand) ?? DYN;
      if (!this.unifier.assign(BOOL, type)) result = this.#report(operand.position, `expected type 'bool' but found '${this.#format(type)}'`);
    }
    return result;
  }

  #namespaced(node: CallNode): string | undefined {
    const prefix = node.target && qualifiedName(node.target);
    if (node.target === undefined || prefix === undefined || this.#variable(prefix.split('.')[0] ?? '')) return undefined;
    const name = `${prefix}.${node.name}`;
    return this.#environment.functions[name] ? name : undefined;
  }

  /** The result of the call; dyn when several signatures with different results fit. */
  #resolve(node: Node, candidates: readonly Overload[], types: readonly Type[]): Type | undefined {
    if (types.some((type) => type.kind === 'error')) return ERROR;
    const fitting: Overload[] = [];
    let result: Type | undefined;
    for (const overload of candidates) {
      const names = new Map<string, Type>();
      const params = overload.params.map((p) => this.unifier.instantiate(p, names));
      if (!this.unifier.assignAll(params, types)) continue;
      const found = this.unifier.instantiate(overload.result, names);
      result = result === undefined || formatType(this.unifier.known(result)) === formatType(this.unifier.known(found)) ? (result ?? found) : DYN;
      fitting.push(overload);
    }
    this.overloads.set(node, fitting);
    return result;
  }
}

const isLoose = (type: Type): boolean => type.kind === 'dyn' || type.kind === 'error' || type.kind === 'param';

/** Whether a rule reads a variable; by name, so that a local one of that name counts too. */
export const reads = (checked: Checked, name: string): boolean => mentions(checked.node, name);
