import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import { CelCompiler } from './cel.ts';
import { CompiledPolicy } from './compiled-policy.ts';
import { matchesResources } from './match-resources.ts';
import type { PolicyDecision, PolicyRequest } from './policy-request.ts';

/** Evaluates ValidatingAdmissionPolicies; compiles each version of a policy once. */
export class PolicyEngine {
  readonly #compiler = new CelCompiler();
  /** Objects are immutable, so a policy's identity is its version. */
  readonly #compiled = new WeakMap<ValidatingAdmissionPolicy, CompiledPolicy>();

  /** @throws ExpressionError when an expression does not compile: the policy must be refused at creation */
  compile(policy: ValidatingAdmissionPolicy): CompiledPolicy {
    const known = this.#compiled.get(policy);
    if (known) return known;
    const compiled = new CompiledPolicy(policy, this.#compiler);
    this.#compiled.set(policy, compiled);
    return compiled;
  }

  /** What the policies, as far as a binding puts them in force, say of a request. No decision means accepted. */
  evaluate(policies: readonly ValidatingAdmissionPolicy[], bindings: readonly ValidatingAdmissionPolicyBinding[], request: PolicyRequest): readonly PolicyDecision[] {
    return bindings.flatMap((binding) => {
      const policy = policies.find((p) => p.metadata.name === binding.spec.policyName);
      if (!policy || !matchesResources(binding.spec.matchResources, request)) return [];
      return this.compile(policy).violations(request).flatMap((violation) =>
        binding.spec.validationActions.map((action) => ({
          action, policy: policy.metadata.name, binding: binding.metadata.name, reason: violation.reason,
          message: `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${violation.message}`,
        })),
      );
    });
  }
}
