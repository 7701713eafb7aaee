import { asError } from '#base/errors.ts';
import type { CelContext, Expression } from './cel.ts';
import { CostExceededError } from './cel/errors.ts';

export interface Condition {
  readonly source: string;
  readonly evaluate: Expression;
}

/** `met`, `unmet`, or what failed. One condition that is false decides, whatever others fail. */
export type ConditionResult = 'met' | 'unmet' | { readonly failure: string };

/** The conditions of one webhook or policy may cost this much together; what else the policy has to say does not pay for them. */
const COST_BUDGET = 2_500_000;

/** Match conditions of policies and webhooks alike; what a failure means, their failure policy says. */
export function evaluateConditions(conditions: readonly Condition[], { values }: CelContext): ConditionResult {
  const context = { values: withoutNamespace(values), budget: { remaining: COST_BUDGET } };
  const failures = new Set<string>();
  for (const { source, evaluate } of conditions) {
    try {
      if (evaluate(context) !== true) return 'unmet';
    } catch (error) {
      if (error instanceof CostExceededError && error.data.scope === 'budget') return { failure: error.message };
      failures.add(failureText(source, error));
    }
  }
  if (failures.size === 0) return 'met';
  return { failure: failures.size === 1 ? [...failures].join('') : `[${[...failures].join(', ')}]` };
}

/** Conditions are asked before anybody has looked for the namespace: to them it is null. */
const withoutNamespace = (values: CelContext['values']): CelContext['values'] => Object.create(values, { namespaceObject: { value: null } }) as CelContext['values'];

export const failureText = (source: string, error: unknown): string => `expression '${source}' resulted in error: ${asError(error).message}`;
