import type { ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import { asError } from '#base/errors.ts';
import { type CelCompiler, type CelContext, celContext, type Expression } from './cel.ts';
import { matchesResources } from './match-resources.ts';
import type { PolicyRequest } from './policy-request.ts';

/** Why a request is not accepted; without the actions, which are the binding's. */
export interface Violation {
  readonly message: string;
  readonly reason: string;
}

interface CompiledValidation {
  readonly test: Expression;
  readonly messageOf: (context: CelContext) => string;
  readonly reason: string;
}

/** A ValidatingAdmissionPolicy, ready to be asked. */
export class CompiledPolicy {
  readonly #policy: ValidatingAdmissionPolicy;
  readonly #conditions: readonly Expression[];
  readonly #variables: readonly { readonly name: string; readonly value: Expression }[];
  readonly #validations: readonly CompiledValidation[];

  /** @throws ExpressionError for the first expression that does not compile */
  constructor(policy: ValidatingAdmissionPolicy, compiler: CelCompiler) {
    const { matchConditions = [], variables = [], validations = [] } = policy.spec;
    this.#policy = policy;
    this.#conditions = matchConditions.map((c, i) => compiler.compile(c.expression, `spec.matchConditions[${i}].expression`));
    this.#variables = variables.map((v, i) => ({ name: v.name, value: compiler.compile(v.expression, `spec.variables[${i}].expression`) }));
    this.#validations = validations.map((v, i) => {
      const dynamic = v.messageExpression === undefined ? undefined : compiler.compile(v.messageExpression, `spec.validations[${i}].messageExpression`);
      const fallback = v.message ?? `failed expression: ${v.expression.trim()}`;
      return {
        test: compiler.compile(v.expression, `spec.validations[${i}].expression`),
        messageOf: (context: CelContext) => (dynamic ? messageFrom(dynamic, context, fallback) : fallback),
        reason: v.reason ?? 'Invalid',
      };
    });
  }

  /** The violations of a request that the policy's constraints and conditions cover. An expression that fails counts by failurePolicy. */
  violations(request: PolicyRequest): readonly Violation[] {
    if (!matchesResources(this.#policy.spec.matchConstraints, request)) return [];
    try {
      const context = this.#context(request);
      if (!this.#conditions.every((condition) => condition(context) === true)) return [];
      return this.#validations
        .filter((validation) => validation.test(context) !== true)
        .map((validation) => ({ message: validation.messageOf(context), reason: validation.reason }));
    } catch (thrown) {
      if (this.#policy.spec.failurePolicy === 'Ignore') return [];
      return [{ message: `expression resulted in error: ${asError(thrown).message}`, reason: 'Invalid' }];
    }
  }

  /** Variables are computed when an expression first reads them, and may use those before them. */
  #context(request: PolicyRequest): CelContext {
    const variables = {};
    const context = { ...celContext(request), variables };
    for (const { name, value } of this.#variables) {
      let known: { readonly value: unknown } | undefined;
      Object.defineProperty(variables, name, { enumerable: true, get: () => (known ??= { value: value(context) }).value });
    }
    return context;
  }
}

function messageFrom(expression: Expression, context: CelContext, fallback: string): string {
  try {
    const message = expression(context);
    return typeof message === 'string' && message.trim() !== '' ? message : fallback;
  } catch {
    return fallback;
  }
}
