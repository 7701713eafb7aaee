import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { asError } from '#base/errors.ts';
import { BOOL, NULL, STRING, type Type } from './cel/types.ts';
import type { CelCompiler, CelContext, Expression } from './cel.ts';
import { CompiledSpec, SpecCompiler } from './compiled-spec.ts';
import { failureText } from './conditions.ts';
import type { ExpressionError } from './expression-error.ts';
import type { PolicyRequest } from './policy-request.ts';
import { requestBudget } from './request-context.ts';

/** Why a request is not accepted; without the actions, which are the binding's. */
export interface Violation {
  readonly message: string;
  readonly reason: string;
  /** Index of the validation. */
  readonly index: number;
}

export interface AuditValue {
  readonly key: string;
  readonly value: string;
}

export interface PolicyVerdict {
  readonly violations: readonly Violation[];
  readonly annotations: readonly AuditValue[];
  /** What denies the request whatever the binding's actions are. */
  readonly failures: readonly string[];
}

interface CompiledValidation {
  readonly source: Validation;
  readonly holds: Expression;
  readonly message: Expression | undefined;
}

/** Longer messages are taken for mistakes. */
const MAX_MESSAGE_BYTES = 5 * 1024;
const MAX_ANNOTATION_BYTES = 10 * 1024;
export const NOTHING: PolicyVerdict = { violations: [], annotations: [], failures: [] };

/** A ValidatingAdmissionPolicy, ready to be asked. */
export class CompiledValidatingPolicy {
  /** What does not compile; the API refuses such policies. */
  readonly problems: readonly ExpressionError[];
  readonly #ignoresFailures: boolean;
  readonly #spec: CompiledSpec;
  readonly #validations: readonly CompiledValidation[];
  readonly #annotations: readonly { readonly source: AuditAnnotation; readonly value: Expression }[];

  /** `types` of the variables, to check a policy against the kinds that it is about. */
  constructor({ spec }: ValidatingAdmissionPolicy, celCompiler: CelCompiler, types?: ReadonlyMap<string, Type>) {
    const compiler = new SpecCompiler(celCompiler, spec, types);
    this.#ignoresFailures = spec.failurePolicy === 'Ignore';
    this.#spec = new CompiledSpec(spec, compiler);
    this.#validations = (spec.validations ?? []).map((source, i) => ({
      source,
      holds: compiler.expression(source.expression, { path: `spec.validations[${i}].expression`, results: [BOOL] }).evaluate,
      message: source.messageExpression ? compiler.expression(source.messageExpression, { path: `spec.validations[${i}].messageExpression`, results: [STRING], hasAuthorizer: false }).evaluate : undefined,
    }));
    this.#annotations = (spec.auditAnnotations ?? []).map((source, i) =>
      ({ source, value: compiler.expression(source.valueExpression, { path: `spec.auditAnnotations[${i}].valueExpression`, results: [STRING, NULL] }).evaluate }));
    this.problems = compiler.problems;
  }

  /** What the policy says with one of its parameters. An expression that fails counts by the failure policy. */
  evaluate(request: PolicyRequest, params: KubeObject | null): PolicyVerdict {
    const context = this.#spec.context(request, params);
    const matched = this.#spec.conditions(context);
    if (matched === 'unmet') return NOTHING;
    if (matched !== 'met') return this.#ignoresFailures ? NOTHING : { ...NOTHING, violations: [{ message: matched.failure, reason: 'Invalid', index: 0 }] };
    const isAsked = request.audit !== undefined || !this.#ignoresFailures;
    // What is only told takes nothing from what decides.
    const aside = { ...context, budget: requestBudget() };
    const annotations = isAsked ? this.#annotations.map((annotation) => annotationOf(annotation, aside)) : [];
    return {
      violations: this.#validations.flatMap((validation, index) => this.#violation(validation, index, context)),
      annotations: annotations.flatMap(({ told }) => told ?? []),
      failures: this.#ignoresFailures ? [] : annotations.flatMap(({ failure }) => failure ?? []),
    };
  }

  #violation({ source, holds, message }: CompiledValidation, index: number, context: CelContext): readonly Violation[] {
    try {
      if (holds(context) === true) return [];
    } catch (error) {
      return this.#ignoresFailures ? [] : [{ message: failureText(source.expression, error), reason: 'Invalid', index }];
    }
    return [{ message: messageOf(source, message, context), reason: source.reason ?? 'Invalid', index }];
  }
}

/** A message expression that fails, or gives no usable text, leaves the word to what is written down. */
function messageOf({ message, expression }: Validation, computed: Expression | undefined, context: CelContext): string {
  const text = computed && textFrom(computed, context);
  return text || (message ? message.trim() : `failed expression: ${expression.trim()}`);
}

function textFrom(expression: Expression, context: CelContext): string | undefined {
  try {
    const text = expression(context);
    const trimmed = typeof text === 'string' ? text.trim() : '';
    return Buffer.byteLength(trimmed) > MAX_MESSAGE_BYTES || trimmed.includes('\n') ? undefined : trimmed;
  } catch {
    return undefined;
  }
}

function annotationOf({ source, value }: { readonly source: AuditAnnotation; readonly value: Expression }, context: CelContext): { readonly told?: AuditValue; readonly failure?: string } {
  try {
    const text = value(context);
    const trimmed = typeof text === 'string' ? text.trim() : '';
    return trimmed === '' ? {} : { told: { key: source.key, value: trimmed.slice(0, MAX_ANNOTATION_BYTES) } };
  } catch (error) {
    return { failure: failureText(source.valueExpression, asError(error)) };
  }
}
