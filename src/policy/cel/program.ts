import { type Checked, check } from './checker.ts';
import type { CelEnvironment } from './declarations.ts';
import { CompileError, EvaluationError } from './errors.ts';
import type { Evaluate } from './frame.ts';
import { parse } from './parser.ts';
import { plan } from './plan.ts';
import type { Value } from './values.ts';

/** What the expressions of one request may still cost. Below zero, it is used up. */
export interface Budget {
  remaining: number;
}

/** No single evaluation may cost more, in units of Kubernetes' cost model: about a tenth of a second. */
export const CALL_COST_LIMIT = 1_000_000;

/** An expression, ready to be evaluated any number of times. */
export interface Program {
  readonly checked: Checked;
  /**
   * Takes what it costs from the budget, also when it fails.
   * @throws EvaluationError; CostExceededError when it costs more than `limit` by itself, default {@link CALL_COST_LIMIT}
   */
  evaluate(variables: Readonly<Record<string, Value | undefined>>, budget: Budget, limit?: number): Value;
}

/** @throws CompileError */
export function compile(source: string, environment: CelEnvironment): Program {
  const checked = check(source, parse(source, environment), environment);
  const evaluate = planned(source, checked, environment);
  return {
    checked,
    evaluate(variables, budget, limit = CALL_COST_LIMIT) {
      const frame = { variables, locals: [], cost: 0, limit };
      try {
        return evaluate(frame);
      } finally {
        budget.remaining -= frame.cost;
      }
    },
  };
}

/** Constant parts are computed now, and one that has no value is told of now. */
function planned(source: string, checked: Checked, environment: CelEnvironment): Evaluate {
  try {
    return plan(checked, environment);
  } catch (error) {
    throw error instanceof EvaluationError ? new CompileError(source, [], error.message) : error;
  }
}
