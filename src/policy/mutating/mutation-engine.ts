import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { CelCompiler } from '../cel.ts';
import { matchesResources } from '../match-resources.ts';
import { collectParams, type ParamSource } from '../params.ts';
import type { PolicyRequest } from '../policy-request.ts';
import { CompiledMutatingPolicy, type MutationTarget } from './mutating-policy.ts';

/** One policy in force by one of its bindings. */
export interface MutationBinding {
  /** `<policy>/<binding>`. */
  readonly id: string;
  readonly policy: MutatingAdmissionPolicy & KubeObject;
  readonly binding: MutatingAdmissionPolicyBinding & KubeObject;
}

export type MutationOutcome = { readonly object: KubeObject } | { readonly problem: string } | undefined;

/** Evaluates MutatingAdmissionPolicies; compiles each version of a policy once. */
export class MutationEngine {
  readonly #compiler: CelCompiler;
  readonly #compiled = new WeakMap<MutatingAdmissionPolicy, CompiledMutatingPolicy>();

  constructor(compiler: CelCompiler) {
    this.#compiler = compiler;
  }

  compile(policy: MutatingAdmissionPolicy): CompiledMutatingPolicy {
    const known = this.#compiled.get(policy) ?? new CompiledMutatingPolicy(policy, this.#compiler);
    this.#compiled.set(policy, known);
    return known;
  }

  /**
   * What one policy, whose constraints match, makes of the object; undefined when binding or conditions exempt it; a problem when it fails and
   * its failure policy forbids to go on.
   */
  mutate({ policy, binding }: MutationBinding, request: PolicyRequest & { readonly object: KubeObject }, source: ParamSource, target: MutationTarget): MutationOutcome {
    if (!matchesResources(binding.spec?.matchResources, request)) return undefined;
    const found = collectParams(policy.spec?.paramKind, binding.spec?.paramRef, request, source);
    if ('problem' in found) return this.#failed(policy, binding, `failed to configure binding: ${found.problem}`);
    let result: { readonly object: KubeObject } | undefined;
    for (const params of found.params) {
      const outcome = this.compile(policy).evaluate({ ...request, ...result }, params, target);
      if (outcome === undefined) continue;
      if ('failure' in outcome) {
        const problem = this.#failed(policy, binding, outcome.failure);
        if (problem) return problem;
        continue;
      }
      result = outcome;
    }
    return result;
  }

  #failed(policy: MutatingAdmissionPolicy & KubeObject, binding: KubeObject, message: string): { readonly problem: string } | undefined {
    if (policy.spec?.failurePolicy === 'Ignore') return undefined;
    return { problem: `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}` };
  }
}
