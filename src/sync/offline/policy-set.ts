import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, ParamKind, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import type { Scheme } from '#api/scheme.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { CelCompiler } from '#policy/cel.ts';
import type { ExpressionError } from '#policy/expression-error.ts';
import { matchedVersion } from '#policy/match-resources.ts';
import { type MutationBinding, MutationEngine, type MutationOutcome } from '#policy/mutating/mutation-engine.ts';
import type { MutationTarget } from '#policy/mutating/mutating-policy.ts';
import type { ParamSource } from '#policy/params.ts';
import { PolicyEngine } from '#policy/policy-engine.ts';
import type { PolicyDecision, PolicyRequest } from '#policy/policy-request.ts';

/** An object of the repository, and where it stands. */
export interface Placed {
  readonly object: KubeObject;
  readonly path: string;
  readonly line: number;
}

export interface PolicySetOptions {
  /** Policies and bindings, with their defaults; other kinds among them are left out. */
  readonly policies: readonly Placed[];
  /** What may configure them. */
  readonly params: readonly KubeObject[];
  readonly scheme: Scheme;
}

/** The admission policies that a repository declares, asked as the API server asks them. */
export class PolicySet {
  /** Policies that cannot be asked without a cluster. */
  readonly skipped: readonly Placed[];
  readonly #validating = new PolicyEngine();
  readonly #mutating = new MutationEngine(new CelCompiler());
  readonly #policies: readonly (ValidatingAdmissionPolicy & KubeObject)[];
  readonly #bindings: readonly (ValidatingAdmissionPolicyBinding & KubeObject)[];
  readonly #mutations: readonly MutationBinding[];
  readonly #places: ReadonlyMap<string, string>;
  readonly #params: ParamSource;

  constructor({ policies, params, scheme }: PolicySetOptions) {
    this.skipped = policies.filter(({ object }) => asksAuthorizer(object));
    const asked = policies.filter(({ object }) => !asksAuthorizer(object)).map(({ object }) => object);
    const ofKind = <T extends KubeObject>(kind: string): readonly T[] => asked.filter((object): object is T => object.kind === kind);
    this.#policies = ofKind('ValidatingAdmissionPolicy');
    this.#bindings = ofKind('ValidatingAdmissionPolicyBinding');
    this.#mutations = mutationsOf(ofKind('MutatingAdmissionPolicy'), ofKind('MutatingAdmissionPolicyBinding'));
    this.#places = new Map(policies.filter(({ object }) => object.kind.endsWith('Policy')).map(({ object, path, line }) => [object.metadata.name, `${path}:${line}`]));
    this.#params = paramsAmong(params, scheme);
  }

  /** What the mutating policies make of the object, or why one of them forbids it. */
  mutate(request: PolicyRequest & { readonly object: KubeObject }, target: MutationTarget): { readonly object: KubeObject } | { readonly problem: string } {
    let { object } = request;
    for (const mutation of this.#mutations) {
      const asked = { ...request, object };
      if (matchedVersion(mutation.policy.spec?.matchConstraints, asked) === undefined) continue;
      const outcome = this.#outcome(mutation, asked, target);
      const [problem] = outcome.problems;
      if (problem) return { problem: problem.message };
      object = outcome.object ?? object;
    }
    return { object };
  }

  #outcome(mutation: MutationBinding, asked: PolicyRequest & { readonly object: KubeObject }, target: MutationTarget): MutationOutcome {
    try {
      return this.#mutating.mutate(mutation, asked, this.#params, target);
    } catch (error) {
      if (error instanceof StatusError) return { problems: [{ message: error.message, isConfiguration: false }] };
      throw error;
    }
  }

  validate(request: PolicyRequest): readonly PolicyDecision[] {
    return this.#validating.evaluate(this.#policies, this.#bindings, request, this.#params);
  }

  /** What does not compile in a policy itself; empty for objects of other kinds. */
  problemsOf(object: KubeObject): readonly ExpressionError[] {
    if (object.kind === 'ValidatingAdmissionPolicy') return this.#validating.compile(object as unknown as ValidatingAdmissionPolicy).problems;
    return object.kind === 'MutatingAdmissionPolicy' ? this.#mutating.compile(object as MutatingAdmissionPolicy).problems : [];
  }

  /** Where a policy of the repository is declared: `file:line`. */
  placeOf(policy: string): string | undefined {
    return this.#places.get(policy);
  }
}

/** What a cluster would grant is not in Git. */
const asksAuthorizer = (object: KubeObject): boolean => object.kind.endsWith('Policy') && /\bauthorizer\b/.test(JSON.stringify((object as { readonly spec?: unknown }).spec ?? {}));

const mutationsOf = (policies: readonly (MutatingAdmissionPolicy & KubeObject)[], bindings: readonly (MutatingAdmissionPolicyBinding & KubeObject)[]): readonly MutationBinding[] =>
  policies.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).flatMap((policy) =>
    bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name).map((binding) => ({ id: `${policy.metadata.name}/${binding.metadata.name}`, policy, binding })));

function paramsAmong(objects: readonly KubeObject[], scheme: Scheme): ParamSource {
  const of = ({ apiVersion, kind }: ParamKind, namespace: string): readonly KubeObject[] =>
    objects.filter((object) => object.apiVersion === apiVersion && object.kind === kind && (namespace === '' || object.metadata.namespace === namespace));
  return {
    scopeOf({ apiVersion = '', kind = '' }) {
      const resource = scheme.byKind(apiVersion, kind);
      return resource && (resource.namespaced ? 'Namespaced' : 'Cluster');
    },
    get: (kind, namespace, name) => of(kind, namespace).find(({ metadata }) => metadata.name === name),
    list: (kind, namespace, selector) => of(kind, namespace).filter(({ metadata }) => labelSelectorPredicate(selector)(metadata.labels ?? {})),
  };
}
