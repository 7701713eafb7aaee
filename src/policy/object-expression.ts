import type { KubeObject } from '#api/object.ts';
import { joinFunctions } from './cel/declarations.ts';
import { CompileError, CostExceededError, EvaluationError } from './cel/errors.ts';
import { ENCODERS } from './cel/functions/collections.ts';
import { compile } from './cel/program.ts';
import { DYN, formatType, type Type } from './cel/types.ts';
import type { Value } from './cel/values.ts';
import { ExpressionError } from './expression-error.ts';
import { kubernetesFunctions } from './library/functions.ts';
import { fromJson } from './typing/json-value.ts';

/** A hundredth of a second or so: an application may have thousands of objects, and each change of one is judged. */
const COST_LIMIT = 100_000;
/** These expressions are Headway's alone, and never move to a Kubernetes cluster. */
const FUNCTIONS = joinFunctions([kubernetesFunctions(), ENCODERS]);

/** @throws ExpressionError when it has no value, or costs too much */
export type ObjectExpression = (object: KubeObject) => Value;

/** Compiles CEL over `object`. `path` says where it stands, for errors. @throws ExpressionError when it is wrong or of another type */
export function compileObjectExpression(source: string, path: string, result: Type): ObjectExpression {
  const fail = (kind: 'compile' | 'evaluate', message: string, cause?: unknown): ExpressionError => new ExpressionError(`${path}: ${message}`, { expression: source, path, kind }, { cause });
  const program = checked(() => compile(source, { functions: FUNCTIONS, hasBindings: true, variable: (name) => (name === 'object' ? DYN : undefined) }), (error) => fail('compile', error.message, error));
  const { type } = program.checked;
  // What a field holds is known at run time only.
  if (type.kind !== 'dyn' && type.kind !== result.kind) throw fail('compile', `must evaluate to ${formatType(result)}, not ${formatType(type)}`);
  return (object) => checked(() => program.evaluate({ object: fromJson(object) }, { remaining: COST_LIMIT }, COST_LIMIT), (error) => fail('evaluate', error.message, error));
}

function checked<T>(run: () => T, told: (error: Error) => ExpressionError): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CompileError || error instanceof EvaluationError || error instanceof CostExceededError) throw told(error);
    throw error;
  }
}
