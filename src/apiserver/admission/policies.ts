import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { forbidden, invalid, StatusError } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import { PolicyEngine } from '#policy/policy-engine.ts';
import type { PolicyRequest } from '#policy/policy-request.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { WriteContext } from '../call.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;

export interface PolicyQuestion {
  readonly operation: PolicyRequest['operation'];
  readonly resource: ResourceType;
  readonly subresource: string;
  readonly object?: KubeObject;
  readonly live?: KubeObject;
  readonly context: Pick<WriteContext, 'user' | 'dryRun' | 'warn'>;
}

/** Asks the cluster's ValidatingAdmissionPolicies about every write. Policies never rule over themselves, so that none can lock everybody out. */
export class PolicyAdmission {
  readonly #engine = new PolicyEngine();
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  /** @throws StatusError of the reason that the policy names, by default Invalid */
  check(question: PolicyQuestion): void {
    const { resource, object } = question;
    if (resource.group === GROUP) {
      if (groupResource(resource) === POLICIES && object) this.#requireCompilable(resource, object as ValidatingAdmissionPolicy & KubeObject);
      return;
    }
    const bindings = this.#objects<ValidatingAdmissionPolicyBinding>(BINDINGS);
    if (bindings.length === 0) return;
    const decisions = this.#engine.evaluate(this.#objects<ValidatingAdmissionPolicy>(POLICIES), bindings, this.#request(question));
    for (const decision of decisions) if (decision.action === 'Warn') question.context.warn(decision.message);
    const denied = decisions.find((d) => d.action === 'Deny');
    if (denied) throw refusal(resource, this.#request(question).name, denied.reason, denied.message);
  }

  #requireCompilable(resource: ResourceType, policy: ValidatingAdmissionPolicy & KubeObject): void {
    try {
      this.#engine.compile(policy);
    } catch (error) {
      throw invalid(resource, policy.metadata.name, [{ reason: 'FieldValueInvalid', field: 'spec', message: `Invalid value: compilation failed: ${asError(error).message}` }]);
    }
  }

  #objects<T>(resource: string): readonly (T & KubeObject)[] {
    return this.#cache.list(resource).items.map((i) => i.object as T & KubeObject);
  }

  #request({ operation, resource, subresource, object, live, context }: PolicyQuestion): PolicyRequest {
    const { name = '', namespace = '' } = (object ?? live)?.metadata ?? {};
    const home = namespace === '' ? undefined : this.#cache.get('namespaces', '', namespace)?.object;
    return {
      operation, group: resource.group, version: resource.version, resource: subresource === '' ? resource.plural : `${resource.plural}/${subresource}`, kind: resource.kind,
      namespace, name, user: context.user, isDryRun: context.dryRun, ...(object ? { object } : {}), ...(live ? { oldObject: live } : {}), ...(home ? { namespaceObject: home } : {}),
    };
  }
}

function refusal(resource: ResourceType, name: string, reason: string, message: string): StatusError {
  const error = forbidden(resource, name, message);
  return reason === 'Forbidden' ? error : new StatusError(reason, error.message, { ...(error.data.status.details ? { details: error.data.status.details } : {}), ...(reason === 'Invalid' ? { code: 422 } : {}) });
}
