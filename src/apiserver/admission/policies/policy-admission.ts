import type { MutatingAdmissionPolicy, ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import { goJson } from '#api/go-text.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { forbidden, invalid, StatusError, STATUS_CODES } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import { CelCompiler } from '#policy/cel.ts';
import { AuditTexts } from '#policy/audit-texts.ts';
import { matchedVersion } from '#policy/match-resources.ts';
import { type MutationBinding, MutationEngine, type MutationOutcome, type MutationProblem } from '#policy/mutating/mutation-engine.ts';
import { PolicyEngine } from '#policy/policy-engine.ts';
import type { PolicyDecision } from '#policy/policy-request.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Environment } from '../../environment.ts';
import { isEqual } from '../../storage/equality.ts';
import { type AdmissionRequest, refusedName } from '../plugin.ts';
import { inVersion, requestIn } from '../webhooks/equivalent.ts';
import { decoded, inPlace } from '../webhooks/mutating.ts';
import { requireType } from '../webhooks/patched-type.ts';
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
  async validate(env: Environment, request: AdmissionRequest): Promise<void> {
    const { policies, bindings } = this.#index.current;
    const asked = policyRequest(env, request);
    const source = paramObjects(env);
    const texts = new AuditTexts();
    const decisions: PolicyDecision[] = [];
    for (const { policy, binding, version } of this.#validating.matching(policies, bindings, asked)) {
      const wanted = version === asked.version ? asked : { ...policyRequest(env, await requestIn(request, versionOf(env, request, version))), requestVersion: asked.version };
      decisions.push(...this.#validating.decide(policy, binding, wanted, { source, texts }));
    }
    for (const { action, message } of decisions) if (action === 'Warn') request.context.warn(message);
    recordFailure(request, decisions.find((d) => d.action === 'Audit'));
    texts.publish(request.context.audit);
    const [denied] = decisions.filter((d) => d.action === 'Deny');
    if (denied) throw refusal(request.resource, refusedName(request), denied.reason, denied.message);
  }

  /** The object as the policies want it, each with what those before it made. @throws StatusError with the code of Forbidden, and all that went wrong */
  async mutate(env: Environment, request: Mutable): Promise<KubeObject> {
    const { reinvocation } = request;
    let { object } = request;
    reinvocation?.begin(object);
    const problems: MutationProblem[] = [];
    let isMutated = false;
    for (const mutation of this.#index.current.mutations) {
      if (reinvocation?.isSecond && !reinvocation.isDue(mutation.id)) continue;
      const { object: changed, problems: found } = await this.#mutateBy(env, mutation, { ...request, object });
      problems.push(...found);
      if (!changed) continue;
      if (!isEqual(changed, object)) reinvocation?.changed();
      if (mutation.policy.spec?.reinvocationPolicy === 'IfNeeded') reinvocation?.called(mutation.id);
      object = changed;
      isMutated = true;
    }
    // Whoever wants it is asked once more when anybody has had a say, the last one too.
    if (isMutated) reinvocation?.changed();
    reinvocation?.end(object);
    if (problems.length > 0) throw mutationRefusal(request, problems);
    return object;
  }

  async #mutateBy(env: Environment, mutation: MutationBinding, request: Mutable): Promise<MutationOutcome> {
    const asked = policyRequest(env, request);
    const version = matchedVersion(mutation.policy.spec?.matchConstraints, asked);
    if (version === undefined) return { problems: [] };
    const wanted = version === asked.version ? request : await requestIn(request, versionOf(env, request, version));
    const { resource } = wanted;
    const object = wanted.object as KubeObject;
    const type = object.kind === resource.kind ? resource : {};
    const outcome = this.#mutating.mutate(mutation, { ...policyRequest(env, wanted), object, requestVersion: asked.version }, paramObjects(env), { schema: env.schema, type, settle: (o, isStrict) => decoded(env, resource, requireType(resource, object, o), isStrict ? 'Strict' : 'Ignore') });
    if (!outcome.object) return outcome;
    const changed = await inVersion(resource, request.resource, outcome.object);
    return { ...outcome, object: inPlace({ ...changed, metadata: changed.metadata ?? {} }, request) };
  }

  /** @throws StatusError Invalid, with a cause for each expression that does not compile */
  requireCompilable(resource: ResourceType, policy: KubeObject): void {
    const { problems } = groupResource(resource).startsWith('mutating') ? this.#mutating.compile(policy as MutatingAdmissionPolicy) : this.#validating.compile(policy as unknown as ValidatingAdmissionPolicy);
    if (problems.length === 0) return;
    throw invalid(resource, policy.metadata.name, problems.map(({ message, data }) =>
      ({ reason: 'FieldValueInvalid', field: data.path ?? 'spec', message: `Invalid value: ${JSON.stringify(data.expression)}: ${message}` })));
  }
}

type Mutable = AdmissionRequest & { readonly object: KubeObject };

const versionOf = (env: Environment, { resource }: AdmissionRequest, version: string): ResourceType => env.scheme.byPlural(resource.group, version, resource.plural) ?? resource;

/** A list, in which Kubernetes has never more than the first failure of a request. */
function recordFailure({ context }: AdmissionRequest, failure: PolicyDecision | undefined): void {
  if (failure === undefined || !context.audit) return;
  const { detail: message, policy, binding, index: expressionIndex, actions: validationActions } = failure;
  context.audit(FAILURES, goJson([{ message, policy, binding, expressionIndex, validationActions }]));
}

/** Tells of the first problem, those of configurations before the others, and lists all of them. */
function mutationRefusal(request: AdmissionRequest, problems: readonly MutationProblem[]): StatusError {
  const { data: { status: { details } } } = forbidden(request.resource, refusedName(request), '');
  const causes = [...problems.filter((p) => p.isConfiguration), ...problems.filter((p) => !p.isConfiguration)].map(({ message }) => ({ message }));
  return new StatusError(problems.some((p) => p.isConfiguration) ? 'Forbidden' : 'Invalid', causes[0]?.message ?? '', { details: { ...details, causes }, code: STATUS_CODES.Forbidden });
}

function refusal(resource: ResourceType, name: string, reason: string, message: string): StatusError {
  const { message: text, data: { status: { details } } } = forbidden(resource, name, message);
  const code = reason in STATUS_CODES ? STATUS_CODES[reason as keyof typeof STATUS_CODES] : STATUS_CODES.Invalid;
  return new StatusError(reason, text, { details: { ...details, causes: [{ message }] }, code });
}
