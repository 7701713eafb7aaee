import type { MutatingAdmissionPolicy, Mutation } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { TypeSource } from '#api/apply/rules.ts';
import { FailedTest, jsonPatch } from '#api/patch/json.ts';
import { UnfitPatch } from '#api/patch/unfit-patch.ts';
import type { Schema } from '#api/schema.ts';
import { asError } from '#base/errors.ts';
import { list } from '../cel/types.ts';
import type { CelCompiler, Expression } from '../cel.ts';
import { CompiledSpec, SpecCompiler } from '../compiled-spec.ts';
import { failureText } from '../conditions.ts';
import type { ExpressionError } from '../expression-error.ts';
import type { PolicyRequest } from '../policy-request.ts';
import { toJson } from '../typing/json-value.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { JSON_PATCH_TYPE, mutationStructs, OBJECT_TYPE } from './structs.ts';

/** What a mutating policy works on. */
export interface MutationTarget {
  readonly schema: Schema;
  /** How the object's parts merge. */
  readonly type: Pick<TypeSource, 'facts' | 'custom'>;
  /** What was added gets its defaults before the next mutation sees it. */
  settle(object: KubeObject): KubeObject;
}

/** `undefined` when the conditions exempt the request. */
export type MutationResult = { readonly object: KubeObject } | { readonly failure: string } | undefined;

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

  /** What the policy makes of the request's object with one of its parameters. Each mutation sees what those before it made. */
  evaluate(request: PolicyRequest & { readonly object: KubeObject }, params: KubeObject | null, target: MutationTarget): MutationResult {
    const matched = this.#spec.conditions(this.#spec.context(request, params));
    if (matched === 'unmet') return undefined;
    if (matched !== 'met') return matched;
    let { object } = request;
    for (const mutation of this.#mutations) {
      try {
        const wanted = toJson(mutation.evaluate(this.#spec.context({ ...request, object }, params)));
        object = target.settle(changed(mutation, object, wanted, target));
      } catch (error) {
        return { failure: failureText(mutation.source, asError(error)) };
      }
    }
    return { object };
  }
}

function changed({ patchType }: CompiledMutation, object: KubeObject, wanted: unknown, { schema, type }: MutationTarget): KubeObject {
  if (patchType !== 'JSONPatch') return applyConfiguration(schema, type, object, wanted);
  try {
    return jsonPatch(object, wanted) as KubeObject;
  } catch (error) {
    if (error instanceof FailedTest) return object;
    throw error instanceof UnfitPatch ? new Error(`JSON Patch: ${error.why}`, { cause: error }) : error;
  }
}
