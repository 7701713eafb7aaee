import type { MutatingAdmissionPolicy, Mutation } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { TypeSource } from '#api/apply/rules.ts';
import { FailedTest, jsonPatch } from '#api/patch/json.ts';
import { UnfitPatch } from '#api/patch/unfit-patch.ts';
import type { Schema } from '#api/schema.ts';
import { internalError, StatusError } from '#api/status-error.ts';
import { CostExceededError, EvaluationError } from '../cel/errors.ts';
import { list } from '../cel/types.ts';
import type { CelMap, Value } from '../cel/values.ts';
import type { CelCompiler, CelContext, Expression } from '../cel.ts';
import { CompiledSpec, SpecCompiler } from '../compiled-spec.ts';
import { failureText } from '../conditions.ts';
import type { ExpressionError } from '../expression-error.ts';
import type { PolicyRequest } from '../policy-request.ts';
import { toJson } from '../typing/json-value.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { JSON_PATCH_TYPE, mutationStructs, OBJECT_TYPE, typeMismatch } from './structs.ts';

/** What a mutating policy works on. */
export interface MutationTarget {
  readonly schema: Schema;
  /** How the object's parts merge. */
  readonly type: Pick<TypeSource, 'facts' | 'custom'>;
  /** What was added gets its defaults before the next mutation sees it. @throws StatusError BadRequest for what is no such object; with `isStrict` also for fields that it does not have */
  settle(object: KubeObject, isStrict: boolean): KubeObject;
}

/** What the mutations made of the object, and why some of them made nothing of it. `undefined` when the conditions exempt the request. */
export type MutationResult = { readonly object: KubeObject; readonly failures: readonly string[] } | undefined;

interface CompiledMutation {
  readonly source: string;
  readonly patchType: Mutation['patchType'];
  readonly evaluate: Expression;
}

/** A MutatingAdmissionPolicy, ready to be asked. */
export class CompiledMutatingPolicy {
  /** What does not compile; the API refuses such policies. */
  readonly problems: readonly ExpressionError[];
  readonly #spec: CompiledSpec;
  readonly #mutations: readonly CompiledMutation[];

  constructor({ spec = {} }: MutatingAdmissionPolicy, celCompiler: CelCompiler) {
    const compiler = new SpecCompiler(celCompiler, spec);
    this.#spec = new CompiledSpec(spec, compiler);
    this.#mutations = (spec.mutations ?? []).map((mutation, i) => {
      const isPatch = mutation.patchType === 'JSONPatch';
      const source = (isPatch ? mutation.jsonPatch : mutation.applyConfiguration)?.expression ?? '';
      const path = `spec.mutations[${i}].${isPatch ? 'jsonPatch' : 'applyConfiguration'}.expression`;
      return { source, patchType: mutation.patchType, evaluate: compiler.expression(source, { path, results: [isPatch ? list(JSON_PATCH_TYPE) : OBJECT_TYPE], structs: mutationStructs }).evaluate };
    });
    this.problems = compiler.problems;
  }

  /**
   * What the policy makes of the request's object with one of its parameters. Each mutation sees what those before it made.
   * @throws StatusError InternalError when a JSON Patch leaves no such object
   */
  evaluate(request: PolicyRequest & { readonly object: KubeObject }, params: KubeObject | null, target: MutationTarget): MutationResult {
    const matched = this.#spec.conditions(this.#spec.context(request, params));
    if (matched === 'unmet') return undefined;
    if (matched !== 'met') return { object: request.object, failures: [matched.failure] };
    let { object } = request;
    const failures: string[] = [];
    for (const mutation of this.#mutations) {
      const outcome = this.#mutate(mutation, this.#spec.context({ ...request, object }, params), object, target);
      if (typeof outcome === 'string') failures.push(outcome);
      else object = outcome;
    }
    return { object, failures };
  }

  /** The object, or why there is none. */
  #mutate(mutation: CompiledMutation, context: CelContext, object: KubeObject, target: MutationTarget): KubeObject | string {
    let wanted: Value;
    try {
      wanted = mutation.evaluate(context);
    } catch (error) {
      return error instanceof CostExceededError && error.data.scope === 'budget' ? error.message : failureText(mutation.source, error);
    }
    return mutation.patchType === 'JSONPatch' ? patched(object, wanted, target) : applied(object, wanted, target);
  }
}

function applied(object: KubeObject, wanted: Value, target: MutationTarget): KubeObject | string {
  try {
    return typeMismatch(wanted) ?? target.settle(applyConfiguration(target.schema, target.type, object, toJson(wanted)), false);
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof StatusError) return `error applying patch: ${error.message}`;
    throw error;
  }
}

function patched(object: KubeObject, operations: Value, target: MutationTarget): KubeObject | string {
  for (const operation of operations as readonly CelMap[]) {
    const mismatch = typeMismatch(operation.get('value') ?? null);
    if (mismatch !== undefined) return mismatch;
  }
  let result: KubeObject;
  try {
    result = jsonPatch(object, toJson(operations)) as KubeObject;
  } catch (error) {
    if (error instanceof FailedTest) return object;
    if (error instanceof EvaluationError) return `JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error.message}`;
    if (error instanceof StatusError) return `JSON Patch: ${error instanceof UnfitPatch ? error.why : error.message}`;
    throw error;
  }
  try {
    return target.settle(result, true);
  } catch (error) {
    if (!(error instanceof StatusError) || error.data.status.reason === 'InternalError') throw error;
    throw internalError(error.message.replace(/^.*? cannot be handled as an? \w+: /, ''), error);
  }
}
