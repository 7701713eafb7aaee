import type { MatchCondition, MatchResources, ParamKind, Variable } from '#api/generated/admissionregistration/v1.ts';
import { goQuote } from '#api/go-text.ts';
import type { KubeObject } from '#api/object.ts';
import { EvaluationError } from './cel/errors.ts';
import { BOOL, type Type } from './cel/types.ts';
import type { Value } from './cel/values.ts';
import { type CelCompiler, type CelContext, celContext, type Expression, type ExpressionOptions, type TypedExpression } from './cel.ts';
import { type Condition, type ConditionResult, evaluateConditions } from './conditions.ts';
import { ExpressionError } from './expression-error.ts';
import type { PolicyRequest } from './policy-request.ts';
import { define } from './request-context.ts';
import { fromJson } from './typing/json-value.ts';

/** What validating and mutating policies have in common. */
export interface PolicySpec {
  readonly paramKind?: ParamKind | undefined;
  readonly matchConstraints?: MatchResources | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
  readonly variables?: readonly Variable[] | undefined;
}

/** Compiles the expressions of one policy; those that do not compile are kept as problems, with their places. */
export class SpecCompiler {
  readonly problems: ExpressionError[] = [];
  readonly #compiler: CelCompiler;
  readonly #given: Pick<ExpressionOptions, 'hasParams' | 'types'>;
  readonly #types = new Map<string, Type>();

  /** `types` of the variables, when they are known; see {@link ExpressionOptions}. */
  constructor(compiler: CelCompiler, { paramKind }: PolicySpec, types?: ReadonlyMap<string, Type>) {
    this.#compiler = compiler;
    this.#given = { hasParams: paramKind !== undefined, ...(types ? { types } : {}) };
  }

  condition(source: string, path: string): Condition {
    return { source, evaluate: this.#try(source, { path, results: [BOOL], ...this.#given }).evaluate };
  }

  /** Later expressions may read it. */
  variable({ name, expression }: Variable, path: string): { readonly name: string; readonly evaluate: Expression } {
    const compiled = this.expression(expression, { path });
    this.#types.set(name, compiled.type);
    return { name, evaluate: compiled.evaluate };
  }

  expression(source: string, options: ExpressionOptions): TypedExpression {
    return this.#try(source, { ...options, ...this.#given, variables: this.#types });
  }

  /** What a client sent may lack an expression; that is told when the policy is validated. */
  #try(source: string | undefined, options: ExpressionOptions): TypedExpression {
    try {
      return this.#compiler.expression(source ?? '', options);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.problems.push(error);
      return { type: { kind: 'error' }, evaluate: () => { throw error; }, estimate: () => 0 };
    }
  }
}

/** Conditions and variables of a policy, ready to be evaluated. */
export class CompiledSpec {
  readonly #conditions: readonly Condition[];
  readonly #variables: readonly { readonly name: string; readonly evaluate: Expression }[];

  constructor({ matchConditions = [], variables = [] }: PolicySpec, compiler: SpecCompiler) {
    this.#conditions = matchConditions.map((c, i) => compiler.condition(c.expression, `spec.matchConditions[${i}].expression`));
    this.#variables = variables.map((v, i) => compiler.variable(v, `spec.variables[${i}].expression`));
  }

  conditions(context: CelContext): ConditionResult {
    return this.#conditions.length === 0 ? 'met' : evaluateConditions(this.#conditions, context);
  }

  /** Variables are computed when an expression first reads them, and may use those before them. */
  context(request: PolicyRequest, params: KubeObject | null): CelContext {
    const context = celContext(request);
    define(context.values, 'params', () => fromJson(params));
    if (this.#variables.length > 0) Object.defineProperty(context.values, 'variables', { value: new LazyMap(this.#variables.map(({ name, evaluate }) => [name, () => evaluate(context)])) });
    return context;
  }
}

/** Holds values that are computed at the first read. A failure is computed again, and fails again. */
class LazyMap extends Map<string, Value> {
  readonly #compute: ReadonlyMap<string, () => Value>;

  constructor(entries: readonly (readonly [string, () => Value])[]) {
    super();
    this.#compute = new Map(entries);
  }

  override get(name: string): Value | undefined {
    const known = super.get(name);
    const compute = known === undefined ? this.#compute.get(name) : undefined;
    if (!compute) return known;
    const value = composited(name, compute);
    this.set(name, value);
    return value;
  }

  /** Whether there is one is known by computing it. */
  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}

function composited(name: string, compute: () => Value): Value {
  try {
    return compute();
  } catch (error) {
    if (error instanceof EvaluationError) throw new EvaluationError(`composited variable ${goQuote(name)} fails to evaluate: ${error.message}`);
    throw error;
  }
}
