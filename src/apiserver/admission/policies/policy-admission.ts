import type { MutatingAdmissionPolicy, ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { forbidden, invalid, StatusError, STATUS_CODES } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import { CelCompiler } from '#policy/cel.ts';
import { MutationEngine } from '#policy/mutating/mutation-engine.ts';
import { PolicyEngine } from '#policy/policy-engine.ts';
import type { PolicyDecision } from '#policy/policy-request.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Environment } from '../../environment.ts';
import { isEqual } from '../../storage/equality.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { decoded } from '../webhooks/mutating.ts';
import { paramObjects } from './param-objects.ts';
import { PolicyIndex } from './policy-index.ts';
import { policyRequest } from './policy-request.ts';

export const ADMISSION_GROUP = 'admissionregistration.k8s.io';
const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';

/** Asks the cluster's admission policies about every write. Policies never rule over themselves, so that none can lock everybody out. */
export class PolicyAdmission {
  readonly compiler = new CelCompiler();
  readonly #validating = new PolicyEngine(this.compiler);
  readonly #mutating = new MutationEngine(this.compiler);
  readonly #index: PolicyIndex;

  constructor(cache: WatchCache) {
    this.#index = new PolicyIndex(cache);
  }

  start(clock: Clock): void {
    this.#index.start(clock);
  }

  stop(): void {
    this.#index.stop();
  }

  get isValidating(): boolean {
    return this.#index.current.bindings.length > 0;
  }

  get isMutating(): boolean {
    return this.#index.current.mutations.length > 0;
  }

  /** Warns and records for the audit as bindings say. @throws StatusError of the reason that the policy names, by default Invalid */
  validate(env: Environment, request: AdmissionRequest): void {
    const { policies, bindings } = this.#index.current;
    const decisions = this.#validating.evaluate(policies, bindings, policyRequest(env, request), paramObjects(env));
    for (const { action, message } of decisions) if (action === 'Warn') request.context.warn(message);
    recordFailures(request, decisions.filter((d) => d.action === 'Audit'));
    const [denied] = decisions.filter((d) => d.action === 'Deny');
    if (denied) throw refusal(request.resource, request.name, denied.reason, denied.message);
  }

  /** The object as the policies want it, each with what those before it made. @throws StatusError Forbidden */
  mutate(env: Environment, request: AdmissionRequest & { readonly object: KubeObject }): KubeObject {
    const { reinvocation, resource } = request;
    const source = paramObjects(env);
    let { object } = request;
    reinvocation?.begin(object);
    for (const mutation of this.#index.current.mutations) {
      if (reinvocation?.isSecond && !reinvocation.isDue(mutation.id)) continue;
      const facts = object.kind === resource.kind ? resource.facts : undefined;
      const outcome = this.#mutating.mutate(mutation, { ...policyRequest(env, { ...request, object }), object }, source, { schema: env.schema, facts, settle: (o) => decoded(env, resource, o) });
      if (outcome === undefined) continue;
      if ('problem' in outcome) throw forbidden(resource, request.name, outcome.problem);
      const changed = withServerFields(outcome.object, object);
      if (!isEqual(changed, object)) reinvocation?.changed();
      if (mutation.policy.spec?.reinvocationPolicy === 'IfNeeded') reinvocation?.called(mutation.id);
      object = changed;
    }
    reinvocation?.end(object);
    return object;
  }

  /** @throws StatusError Invalid, with a cause for each expression that does not compile */
  requireCompilable(resource: ResourceType, policy: KubeObject): void {
    const { problems } = groupResource(resource).startsWith('mutating') ? this.#mutating.compile(policy as MutatingAdmissionPolicy) : this.#validating.compile(policy as unknown as ValidatingAdmissionPolicy);
    if (problems.length === 0) return;
    throw invalid(resource, policy.metadata.name, problems.map(({ message, data }) =>
      ({ reason: 'FieldValueInvalid', field: data.path ?? 'spec', message: `Invalid value: ${JSON.stringify(data.expression)}: ${message}` })));
  }
}

/** What names the object is not a policy's to change. */
function withServerFields(object: KubeObject, given: KubeObject): KubeObject {
  const { name, namespace, uid, creationTimestamp, resourceVersion } = given.metadata ?? {};
  const kept = Object.fromEntries(Object.entries({ name, namespace, uid, creationTimestamp, resourceVersion }).filter(([, value]) => value !== undefined));
  return { ...object, apiVersion: given.apiVersion, kind: given.kind, metadata: { ...object.metadata, ...kept } as KubeObject['metadata'] };
}

function recordFailures({ context }: AdmissionRequest, failures: readonly PolicyDecision[]): void {
  if (failures.length === 0 || !context.audit) return;
  context.audit(FAILURES, JSON.stringify(failures.map(({ detail, policy, binding, index, actions }) => ({ message: detail, policy, binding, expressionIndex: index, validationActions: actions }))));
}

function refusal(resource: ResourceType, name: string, reason: string, message: string): StatusError {
  const { message: text, data: { status: { details } } } = forbidden(resource, name, message);
  const code = reason in STATUS_CODES ? STATUS_CODES[reason as keyof typeof STATUS_CODES] : STATUS_CODES.Invalid;
  return new StatusError(reason, text, { details: { ...details, causes: [{ message }] }, code });
}
