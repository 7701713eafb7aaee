import { type CelEnvironment, type Functions, joinFunctions, type StructDeclaration } from './cel/declarations.ts';
import { CompileError, CostExceededError } from './cel/errors.ts';
import { estimateCost } from './cel/estimate.ts';
import { compile, type Program } from './cel/program.ts';
import { BOOL, object, type Type, typeText } from './cel/types.ts';
import type { Value } from './cel/values.ts';
import { ExpressionError } from './expression-error.ts';
import { JSON_PATCH, kubernetesFunctions } from './library/functions.ts';
import { type CelContext, REQUEST_VARIABLES } from './request-context.ts';

export { type CelContext, celContext } from './request-context.ts';

/** @throws EvaluationError, CostExceededError */
export type Expression = (context: CelContext) => Value;

export interface ExpressionOptions {
  /** Where the expression stands; for errors. */
  readonly path: string;
  /** What it may come to. Absent: anything. */
  readonly results?: readonly Type[];
  /** The policy has parameters. */
  readonly hasParams?: boolean;
  /** Default true. */
  readonly hasAuthorizer?: boolean;
  /** Known types of variables that are dynamic otherwise: `object`, `oldObject`, `params`. */
  readonly types?: ReadonlyMap<string, Type>;
  /** Types of `variables.<name>`. */
  readonly variables?: ReadonlyMap<string, Type>;
  /** A selector of devices: it knows nothing of a request, and `cel.bind`. */
  readonly isForDevices?: boolean;
  /** Types that may be written as literals, by expressions that make patches. */
  readonly structs?: (name: string) => StructDeclaration | undefined;
}

export interface TypedExpression {
  readonly type: Type;
  readonly evaluate: Expression;
  /** What one evaluation costs at most, by the sizes that the types carry. */
  estimate(): number;
}

/** Compiles expressions of admission: policies and match conditions. Make one and share it: it keeps compiled patterns. */
export class CelCompiler {
  readonly #functions: Functions = kubernetesFunctions();
  readonly #patchFunctions: Functions = joinFunctions([this.#functions, JSON_PATCH]);

  /** A condition. @throws ExpressionError `compilation failed: ...`, the words that API clients look for */
  compile(expression: string, path: string): Expression {
    return this.expression(expression, { path, results: [BOOL] }).evaluate;
  }

  /** @throws ExpressionError */
  expression(source: string, options: ExpressionOptions): TypedExpression {
    const program = this.#compile(source, options);
    const { type } = program.checked;
    const { results } = options;
    if (results && !results.some((wanted) => isExactly(type, wanted))) {
      const wanted = results.map((of) => typeText(of));
      throw new ExpressionError(`must evaluate to ${wanted.length === 1 ? wanted[0] : `one of [${wanted.join(' ')}]`} but got ${typeText(type)}`, { expression: source, path: options.path, kind: 'compile' });
    }
    return { type, evaluate: (context) => evaluateWithin(program, context), estimate: () => estimateCost(program.checked).max };
  }

  #compile(source: string, options: ExpressionOptions): Program {
    try {
      return compile(source, environmentOf(options.structs ? this.#patchFunctions : this.#functions, options));
    } catch (cause) {
      if (!(cause instanceof CompileError)) throw cause;
      throw new ExpressionError(`${cause.step} failed: ${cause.message}`, { expression: source, path: options.path, kind: 'compile' }, { cause });
    }
  }
}

/** @throws EvaluationError, CostExceededError also when the budget, which others share, is used up by it */
function evaluateWithin(program: Program, { values, budget }: CelContext): Value {
  const value = program.evaluate(values, budget);
  if (budget.remaining < 0) throw new CostExceededError('budget');
  return value;
}

function environmentOf(functions: Functions, { hasParams = false, hasAuthorizer = true, isForDevices = false, types, variables, structs }: ExpressionOptions): CelEnvironment {
  const composed = variables && object('kubernetes.variables', (name) => variables.get(name));
  return {
    functions, hasBindings: isForDevices, ...(structs ? { struct: structs } : {}),
    variable(name) {
      if (name === 'variables') return composed;
      if ((name === 'params' && !hasParams) || (!hasAuthorizer && name.split('.')[0] === 'authorizer')) return undefined;
      return types?.get(name) ?? (isForDevices ? undefined : REQUEST_VARIABLES.get(name));
    },
  };
}

const isExactly = (type: Type, wanted: Type): boolean => {
  if (type.kind !== wanted.kind || (type.kind === 'object' && type.name !== wanted.name)) return false;
  return (wanted.of ?? []).every((of, i) => isExactly(type.of?.[i] as Type, of));
};
