import { index, select, hasField } from './access.ts';
import type { CallNode, ListNode, MapNode, Node, SelectNode, StructNode } from './ast.ts';
import type { Checked } from './checker.ts';
import { Constants } from './constants.ts';
import { callCost, isPaidBefore, LIST_COST, MAP_COST, SELECT_COST, STRUCT_COST } from './cost.ts';
import type { CelEnvironment } from './declarations.ts';
import { dispatcher, noOverload } from './dispatch.ts';
import { CostExceededError, EvaluationError } from './errors.ts';
import { foldPlan } from './fold.ts';
import { charge, type Evaluate } from './frame.ts';
import { compilePattern } from './regex.ts';
import { valueOf } from './types.ts';
import { isMap, type MapKey, mapKey, Optional, Uint, type Value } from './values.ts';

/** The closures that evaluate a checked expression. */
export function plan(checked: Checked, environment: CelEnvironment): Evaluate {
  return new Planner(checked, environment).plan(checked.node, []);
}

export class Planner {
  readonly #checked: Checked;
  readonly #environment: CelEnvironment;
  readonly #constants: Constants;

  constructor(checked: Checked, environment: CelEnvironment) {
    this.#constants = new Constants(checked);
    this.#checked = checked;
    this.#environment = environment;
  }

  /** `scope` has the names of the locals; the index of a name is its place in the frame. */
  plan(node: Node, scope: readonly string[]): Evaluate {
    const constant = this.#constants.of(node);
    if (constant !== undefined) return () => constant;
    switch (node.kind) {
      case 'const': throw new TypeError('a constant has its value already');
      case 'ident': return ident(node.name, scope);
      case 'select': return this.#select(node, scope);
      case 'call': return this.#call(node, scope);
      case 'list': return this.#list(node, scope);
      case 'map': return this.#map(node, scope);
      case 'struct': return this.#struct(node, scope);
      case 'fold': return foldPlan(node, scope, this);
      case 'bind': return this.#bind(this.plan(node.init, scope), this.plan(node.body, [...scope, node.name]), scope.length);
      case 'optMap': {
        const target = this.plan(node.target, scope);
        const body = this.plan(node.body, [...scope, node.name]);
        const place = scope.length;
        return (frame) => {
          const known = target(frame);
          if (!(known instanceof Optional)) throw noOverload('hasValue', [known]);
          if (known.value === undefined) return Optional.NONE;
          frame.locals[place] = known.value;
          const result = body(frame);
          return node.isFlat ? result : new Optional(result);
        };
      }
    }
  }

  #bind(init: Evaluate, body: Evaluate, place: number): Evaluate {
    return (frame) => {
      frame.locals[place] = init(frame);
      return body(frame);
    };
  }

  #select(node: SelectNode, scope: readonly string[]): Evaluate {
    const variable = this.#checked.namespaced.get(node);
    if (variable !== undefined) return ident(variable, []);
    const operand = this.plan(node.operand, scope);
    const field = this.#checked.renamed.get(node) ?? node.field;
    if (node.isTest) return (frame) => hasField(operand(frame), field);
    if (!node.isOptional) {
      return (frame) => {
        const value = operand(frame);
        charge(frame, SELECT_COST);
        return select(value, field);
      };
    }
    return (frame) => {
      const value = operand(frame);
      charge(frame, SELECT_COST);
      return select(value instanceof Optional ? value : new Optional(value), field);
    };
  }

  #list(node: ListNode, scope: readonly string[]): Evaluate {
    const elements = node.elements.map((e) => ({ isOptional: e.isOptional, value: this.plan(e.value, scope) }));
    return (frame) => {
      charge(frame, LIST_COST);
      const list: Value[] = [];
      for (const { isOptional, value } of elements) {
        const item = value(frame);
        if (!isOptional) list.push(item);
        else if (requireOptional(item).value !== undefined) list.push(requireOptional(item).value as Value);
      }
      return list;
    };
  }

  #map(node: MapNode, scope: readonly string[]): Evaluate {
    const entries = node.entries.map((e) => ({ isOptional: e.isOptional, key: this.plan(e.key, scope), value: this.plan(e.value, scope) }));
    return (frame) => {
      charge(frame, MAP_COST);
      const map = new Map<MapKey, Value>();
      for (const { isOptional, key, value } of entries) {
        const k = mapKey(key(frame));
        const v = isOptional ? requireOptional(value(frame)).value : value(frame);
        if (k === undefined) throw new EvaluationError('unsupported key type');
        if (v !== undefined) map.set(k, v);
      }
      return map;
    };
  }

  #struct(node: StructNode, scope: readonly string[]): Evaluate {
    const fields = node.fields.map((f) => ({ name: f.name, isOptional: f.isOptional, value: this.plan(f.value, scope) }));
    const declaration = this.#environment.struct?.(node.name);
    if (!declaration) throw new TypeError(`no struct ${node.name}`);
    return (frame) => {
      charge(frame, STRUCT_COST);
      const values = new Map<string, Value>();
      for (const { name, isOptional, value } of fields) {
        const v = isOptional ? requireOptional(value(frame)).value : value(frame);
        if (v !== undefined) values.set(name, v);
      }
      return declaration.make(values);
    };
  }

  #call(node: CallNode, scope: readonly string[]): Evaluate {
    const namespaced = this.#checked.namespaced.get(node);
    const args = (namespaced === undefined && node.target ? [node.target, ...node.args] : node.args).map((arg) => this.plan(arg, scope));
    const [a, b, c] = args as [Evaluate, Evaluate, Evaluate];
    switch (node.name) {
      case '_&&_': return logical(a, b, false);
      case '_||_': return logical(a, b, true);
      case '_?_:_': return ternary(a, b, c);
      case 'or': case 'orValue': if (namespaced === undefined && args.length === 2) return otherwise(a, b, node.name === 'or'); break;
      case '_[_]': return (frame) => {
        const value = a(frame);
        const key = b(frame);
        charge(frame, SELECT_COST);
        return index(value, key);
      };
      case '_[?_]': return (frame) => {
        const value = a(frame);
        const key = b(frame);
        charge(frame, SELECT_COST);
        return index(value instanceof Optional ? value : new Optional(value), key);
      };
      default:
    }
    return this.#function(node, namespaced ?? node.name, args);
  }

  #function(node: CallNode, name: string, args: readonly Evaluate[]): Evaluate {
    const overloads = this.#checked.overloads.get(node) ?? [];
    const isDynamic = args.length > 0 && (overloads.length > 1 || this.#argTypes(node).some((type) => type !== 'exact'));
    const call = dispatcher(name, overloads, isDynamic);
    if (PATTERNS.has(name)) this.#checkPattern(node);
    const isFree = name === '@in' && isHashed(node.args[1] && this.#constants.of(node.args[1]));
    const cost = isFree ? () => 0 : callCost(name);
    if (cost && isPaidBefore(name)) {
      return (frame) => {
        const values = args.map((arg) => arg(frame));
        charge(frame, cost(values, null));
        return call(values);
      };
    }
    return (frame) => {
      const values = args.map((arg) => arg(frame));
      const result = call(values);
      charge(frame, cost ? cost(values, result) : 1);
      return result;
    };
  }

  /** @throws EvaluationError */
  #checkPattern({ target, args }: CallNode): void {
    const pattern = target ? args[0] : args[1];
    const constant = pattern && this.#constants.of(pattern);
    if (typeof constant === 'string') compilePattern(constant);
  }

  /** Whether the static types of the arguments say what the values are. */
  #argTypes(node: CallNode): readonly ('exact' | 'dynamic')[] {
    return [...(node.target ? [node.target] : []), ...node.args].map((arg) => {
      const type = this.#checked.types.get(arg);
      // A map of anything may be a value of which only the fields are known.
      if (type === undefined || (type.kind === 'map' && valueOf(type).kind === 'any')) return 'dynamic';
      // Times of an object without a schema are texts still, whatever their type says.
      return type.kind === 'dyn' || type.kind === 'any' || type.kind === 'param' || type.kind === 'timestamp' ? 'dynamic' : 'exact';
    });
  }
}

/** Functions whose last pattern, when it is constant, has to be one. */
const PATTERNS: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

/** To look into a list of constants that can be keys costs nothing. */
const isHashed = (list: Value | undefined): boolean => Array.isArray(list) && (list as readonly Value[]).every((item) => typeof item !== 'object' || item instanceof Uint);

function ident(name: string, scope: readonly string[]): Evaluate {
  const place = scope.lastIndexOf(name);
  if (place >= 0) {
    return (frame) => {
      charge(frame, SELECT_COST);
      return frame.locals[place] as Value;
    };
  }
  return (frame) => {
    charge(frame, SELECT_COST);
    const value = frame.variables[name];
    if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`);
    return value;
  };
}

/** `&&` and `||`: either side may decide, even when the other fails. */
function logical(left: Evaluate, right: Evaluate, decisive: boolean): Evaluate {
  return (frame) => {
    let failure: unknown;
    try {
      const a = left(frame);
      if (a === decisive) return decisive;
      if (a !== !decisive) failure = new EvaluationError('no such overload');
    } catch (error) {
      if (error instanceof CostExceededError) throw error;
      failure = error;
    }
    try {
      const b = right(frame);
      if (b === decisive) return decisive;
      if (b !== !decisive) failure ??= new EvaluationError('no such overload');
    } catch (error) {
      if (error instanceof CostExceededError) throw error;
      failure ??= error;
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function ternary(condition: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== 'boolean') throw new EvaluationError('no such overload');
    return value ? yes(frame) : no(frame);
  };
}

/** What an optional is when it is none is computed only then. */
function otherwise(optional: Evaluate, other: Evaluate, isOptional: boolean): Evaluate {
  return (frame) => {
    const known = optional(frame);
    if (!(known instanceof Optional)) throw new EvaluationError('no such overload');
    if (known.value !== undefined) return isOptional ? known : known.value;
    const value = other(frame);
    if (isOptional && !(value instanceof Optional)) throw new EvaluationError('no such overload');
    return value;
  };
}

function requireOptional(value: Value): Optional {
  if (value instanceof Optional) return value;
  throw new EvaluationError(`cannot initialize optional entry from non-optional value ${isMap(value) ? 'map' : String(value)}`);
}
