import { CostExceededError } from './errors.ts';
import type { Value } from './values.ts';

/** One evaluation: what its names stand for, and what it has cost so far. */
export interface Frame {
  /** Values of the environment's variables; getters are read when an expression reads them. */
  readonly variables: Readonly<Record<string, Value | undefined>>;
  /** Values of the names that comprehensions bind, at the places that the plan gave them. */
  readonly locals: Value[];
  cost: number;
  readonly limit: number;
}

export type Evaluate = (frame: Frame) => Value;

/** @throws CostExceededError */
export function charge(frame: Frame, cost: number): void {
  frame.cost += cost;
  if (frame.cost > frame.limit) throw new CostExceededError();
}
