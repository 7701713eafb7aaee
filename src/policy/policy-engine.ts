import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import { AuditTexts } from './audit-texts.ts';
import { CelCompiler } from './cel.ts';
import { matchedVersion, matchesResources } from './match-resources.ts';
import { collectParams, type ParamSource } from './params.ts';
import type { PolicyAction, PolicyDecision, PolicyRequest } from './policy-request.ts';
import { CompiledValidatingPolicy, NOTHING, type PolicyVerdict, type Violation } from './validating-policy.ts';

/** Policies without parameters need no source. */
const NO_PARAMS: ParamSource = { scopeOf: () => undefined, get: () => undefined, list: () => [] };

export interface Matched<P = ValidatingAdmissionPolicy, B = ValidatingAdmissionPolicyBinding> {
  readonly policy: P;
  readonly binding: B;
  readonly version: string;
}

export interface Evaluation {
  readonly source: ParamSource;
  readonly texts: AuditTexts;
}

/** Evaluates ValidatingAdmissionPolicies; compiles each version of a policy once. */
export class PolicyEngine {
  readonly #compiler: CelCompiler;
  /** Objects are immutable, so a policy's identity is its version. */
  readonly #compiled = new WeakMap<ValidatingAdmissionPolicy, CompiledValidatingPolicy>();

  constructor(compiler = new CelCompiler()) {
    this.#compiler = compiler;
  }

  compile(policy: ValidatingAdmissionPolicy): CompiledValidatingPolicy {
    const known = this.#compiled.get(policy) ?? new CompiledValidatingPolicy(policy, this.#compiler);
    this.#compiled.set(policy, known);
    return known;
  }

  /** What the policies, as far as a binding puts them in force, say of a request. No decision means accepted. */
  evaluate(policies: readonly ValidatingAdmissionPolicy[], bindings: readonly ValidatingAdmissionPolicyBinding[], request: PolicyRequest, params: ParamSource = NO_PARAMS): readonly PolicyDecision[] {
    const texts = new AuditTexts();
    const decisions = this.matching(policies, bindings, request).flatMap(({ policy, binding }) => this.decide(policy, binding, request, { source: params, texts }));
    texts.publish(request.audit);
    return decisions;
  }

  /** The policies that a binding puts in force for a request, each with the version in which it wants to see it. */
  matching<P extends ValidatingAdmissionPolicy, B extends ValidatingAdmissionPolicyBinding>(policies: readonly P[], bindings: readonly B[], request: PolicyRequest): readonly Matched<P, B>[] {
    const byName = new Map(policies.map((policy) => [policy.metadata.name, policy]));
    return bindings.flatMap((binding) => {
      const policy = byName.get(binding.spec.policyName);
      const version = policy && matchedVersion(policy.spec.matchConstraints, request);
      return policy && version !== undefined && matchesResources(binding.spec.matchResources, request) ? [{ policy, binding, version }] : [];
    });
  }

  /** What one of them says; the request is in the version that it wants. */
  decide(policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, request: PolicyRequest, { source, texts }: Evaluation): readonly PolicyDecision[] {
    const found = collectParams(policy.spec.paramKind, binding.spec.paramRef, request, source);
    if ('problem' in found) {
      if (policy.spec.failurePolicy === 'Ignore') return [];
      if (found.isOfPolicy) return [misconfigured(policy, binding, found.problem)];
      return decisions(policy, binding, [{ ...NOTHING, failures: [`failed to configure binding: ${found.problem}`] }]);
    }
    const compiled = this.compile(policy);
    const verdicts = found.params.map((params) => compiled.evaluate(request, params));
    for (const { key, value } of verdicts.flatMap((v) => v.annotations)) texts.add(policy.metadata.name, key, value);
    return decisions(policy, binding, verdicts);
  }
}

/** A policy that can never work is told of without its binding. */
function misconfigured({ metadata: { name: policy } }: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, problem: string): PolicyDecision {
  const detail = `failed to configure policy: ${problem}`;
  return { action: 'Deny', policy, binding: binding.metadata.name, message: `ValidatingAdmissionPolicy '${policy}' denied request: ${detail}`, detail, reason: 'Invalid', index: 0, actions: ['Deny'] };
}

function decisions({ metadata: { name: policy } }: ValidatingAdmissionPolicy, { metadata, spec: { validationActions } }: ValidatingAdmissionPolicyBinding, verdicts: readonly PolicyVerdict[]): readonly PolicyDecision[] {
  const binding = metadata.name;
  const decide = ({ message, reason, index }: Violation, actions: readonly PolicyAction[]): readonly PolicyDecision[] => actions.map((action) => ({
    action, policy, binding, reason, index, detail: message, actions,
    message: action === 'Warn' ? `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}` : `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`,
  }));
  return verdicts.flatMap(({ violations, failures }) => [
    ...violations.flatMap((violation) => decide(violation, validationActions)),
    ...failures.flatMap((message) => decide({ message, reason: 'Invalid', index: 0 }, ['Deny'])),
  ]);
}
