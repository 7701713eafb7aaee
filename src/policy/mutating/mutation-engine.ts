import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import { goQuote } from '#api/go-text.ts';
import type { KubeObject } from '#api/object.ts';
import type { CelCompiler } from '../cel.ts';
import { matchesResources } from '../match-resources.ts';
import { collectParams, type ParamSource, type ParamsProblem } from '../params.ts';
import type { PolicyRequest } from '../policy-request.ts';
import { CompiledMutatingPolicy, type MutationTarget } from './mutating-policy.ts';

/** One policy in force by one of its bindings. */
export interface MutationBinding {
  /** `<policy>/<binding>`. */
  readonly id: string;
  readonly policy: MutatingAdmissionPolicy & KubeObject;
  readonly binding: MutatingAdmissionPolicyBinding & KubeObject;
}

export interface MutationProblem {
  readonly message: string;
  /** The policy or its binding is wrong, rather than a mutation. */
  readonly isConfiguration: boolean;
}

export interface MutationOutcome {
  /** Absent when the policy does not apply, or failed before its first mutation. */
  readonly object?: KubeObject;
  /** What the failure policy does not overlook. */
  readonly problems: readonly MutationProblem[];
}

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
   * What one policy, whose constraints match, makes of the object, with each of its parameters.
   * @throws StatusError InternalError when a JSON Patch leaves no such object
   */
  mutate({ policy, binding }: MutationBinding, request: PolicyRequest & { readonly object: KubeObject }, source: ParamSource, target: MutationTarget): MutationOutcome {
    if (!matchesResources(binding.spec?.matchResources, request)) return NOTHING;
    const isStrict = policy.spec?.failurePolicy !== 'Ignore';
    const found = collectParams(policy.spec?.paramKind, binding.spec?.paramRef, request, source);
    if ('problem' in found) return isStrict ? { problems: [misconfigured(policy, binding, found)] } : NOTHING;
    let result: { readonly object: KubeObject } | undefined;
    const problems: MutationProblem[] = [];
    for (const params of found.params) {
      const outcome = this.compile(policy).evaluate({ ...request, ...result }, params, target);
      if (!outcome) continue;
      const { object, failures } = outcome;
      result = { object };
      if (isStrict) problems.push(...failures.map((failure) => ({ message: denied(policy, binding, failure), isConfiguration: false })));
    }
    return { ...result, problems };
  }
}

const NOTHING: MutationOutcome = { problems: [] };

const denied = (policy: KubeObject, binding: KubeObject, why: string): string => `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${why}`;

/** A policy that can never work is told of without its binding. */
function misconfigured(policy: KubeObject, binding: KubeObject, { problem, isOfPolicy }: ParamsProblem): MutationProblem {
  const message = isOfPolicy ? `policy ${goQuote(policy.metadata.name)} denied request: failed to configure policy: ${problem}` : denied(policy, binding, `failed to configure binding: ${problem}`);
  return { message, isConfiguration: true };
}
