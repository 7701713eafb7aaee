import { HeadwayError } from '#base/errors.ts';

export interface ExpressionProblem {
  readonly expression: string;
  /** Where it stands in its policy. */
  readonly path?: string;
  /** `compile`: it is wrong; `cost`: it may cost too much; `evaluate`: it gave no value; `untyped`: what it is about has no type. */
  readonly kind: 'compile' | 'cost' | 'evaluate' | 'untyped';
  /** Of `cost`: what it may cost. */
  readonly cost?: number;
  /** Of `cost`: whether it reads the former value. */
  readonly usesOldSelf?: boolean;
}

/** An expression that cannot be used, in the words of Kubernetes: `compilation failed: ERROR: <input>:1:1: undeclared reference to 'x'...`. */
export class ExpressionError extends HeadwayError<ExpressionProblem> {
  readonly code = 'policy-expression';
  readonly isRetryable = false;
}
