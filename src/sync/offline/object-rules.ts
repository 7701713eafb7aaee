import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { Application, SyncError } from '#api/headway/v1/types.ts';
import { decodeObject } from '#api/decode.ts';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import { APPLICATIONS, CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { forbidden, invalid, StatusError, unlessRefused } from '#api/status-error.ts';
import type { RuleCompiler } from '#api/structural/custom-schema.ts';
import { validateCustomResourceDefinition } from '#api/structural/definition/validate-definition.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';
import { applicationExpressionCauses } from '#policy/application-expressions.ts';
import type { PolicyRequest } from '#policy/policy-request.ts';
import { refusalsOf } from '../apply/refusals.ts';
import { describe } from '../inventory/identity.ts';
import type { PolicyFailure } from './change-plan.ts';
import type { DeclaredObject } from './declare.ts';
import type { PolicySet } from './policy-set.ts';

export interface ObjectRulesOptions {
  readonly schema: Schema;
  readonly scheme: Scheme;
  readonly rules: RuleCompiler;
  readonly policies: PolicySet;
  /** By name. */
  readonly namespaces: ReadonlyMap<string, KubeObject>;
}

export interface CheckedObject {
  /** As the API would keep it: decoded, with defaults and with what policies change. As it stands when it is malformed. */
  readonly object: KubeObject;
  /** It has not the form of its kind. Default false. */
  readonly isMalformed?: boolean;
  readonly errors: readonly SyncError[];
  readonly policies: readonly PolicyFailure[];
}

/** Sync's own identity: policies may ask who writes. */
const USER = { name: 'headway:sync', groups: ['system:authenticated'] };
const POLICY_GROUP = 'admissionregistration.k8s.io';

/** What the API server does with an object that is applied, as far as it needs no cluster. */
export class ObjectRules {
  readonly #options: ObjectRulesOptions;

  constructor(options: ObjectRulesOptions) {
    this.#options = options;
  }

  /** The object with its defaults; as it stands when it has not the form of its kind. */
  settle(declared: DeclaredObject): KubeObject {
    return isOpaque(declared) ? declared.object : this.#settled(declared) ?? declared.object;
  }

  #settled({ resource, object }: DeclaredObject): KubeObject | undefined {
    return unlessRefused(() => this.#decode(resource, object));
  }

  /** @param before what is there already, settled */
  check(declared: DeclaredObject, before: KubeObject | undefined): CheckedObject {
    if (isOpaque(declared)) return { object: declared.object, errors: [], policies: [] };
    try {
      return this.#admit(declared, before);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const settled = this.#settled(declared);
      return { object: settled ?? declared.object, isMalformed: settled === undefined, errors: refusalsOf(declared, error.data.status), policies: [] };
    }
  }

  #admit(declared: DeclaredObject, before: KubeObject | undefined): CheckedObject {
    const { resource } = declared;
    const decoded = this.#decode(resource, declared.object);
    const request = this.#request(resource, decoded, before);
    const isRuled = resource.group !== POLICY_GROUP;
    const mutated = isRuled ? this.#mutate(resource, request) : decoded;
    const causes = before ? validateUpdate(resource, mutated, before) : validateCreate(resource, mutated);
    const all = [...causes, ...this.#kindCauses(resource, mutated, before)];
    if (all.length > 0) throw invalid(resource, mutated.metadata.name, all);
    return { object: mutated, errors: [], policies: isRuled ? this.#ask(declared, { ...request, object: mutated }) : [] };
  }

  #decode(resource: ResourceType, object: KubeObject): KubeObject {
    const decoded = decodeObject(this.#options.schema, resource, object, { fieldValidation: 'Strict' }).object;
    return applyDefaults(resource, this.#withSpec(resource, decoded));
  }

  /** A spec that is left out is an empty one; a status is not declared. */
  #withSpec(resource: ResourceType, object: KubeObject & { readonly status?: unknown }): KubeObject {
    const { status: _status, ...rest } = object;
    const declared: KubeObject = resource.subresources.includes('status') ? rest : object;
    if ('spec' in declared || resource.facts === undefined || !this.#options.schema.type(resource.facts)?.fields.has('spec')) return declared;
    return { ...declared, spec: {} } as KubeObject;
  }

  #mutate(resource: ResourceType, request: PolicyRequest & { readonly object: KubeObject }): KubeObject {
    const outcome = this.#options.policies.mutate(request, { schema: this.#options.schema, type: resource, settle: (object) => this.#decode(resource, object) });
    if ('problem' in outcome) throw forbidden(resource, request.name, outcome.problem);
    return outcome.object;
  }

  /** What only some kinds are asked: whether schemas and expressions make sense. */
  #kindCauses(resource: ResourceType, object: KubeObject, before: KubeObject | undefined): readonly StatusCause[] {
    const { schema: facts, rules, policies } = this.#options;
    if (resource.group === POLICY_GROUP) {
      return policies.problemsOf(object).map(({ message, data }) => ({ reason: 'FieldValueInvalid', field: data.path ?? 'spec', message: `Invalid value: ${JSON.stringify(data.expression)}: ${message}` }));
    }
    if (resource === APPLICATIONS) return applicationExpressionCauses('spec', (object as Application).spec);
    if (groupResource(resource) !== groupResource(CUSTOM_RESOURCE_DEFINITIONS)) return [];
    return validateCustomResourceDefinition(object as CustomResourceDefinition & KubeObject, before as (CustomResourceDefinition & KubeObject) | undefined, { facts, rules });
  }

  #ask({ source, object }: DeclaredObject, request: PolicyRequest): readonly PolicyFailure[] {
    return this.#options.policies.validate(request).map(({ action, policy, detail }) => {
      const declaredAt = this.#options.policies.placeOf(policy);
      return { action, policy, object: describe(object.kind, object.metadata), message: detail, path: source.path, line: source.line, ...(declaredAt ? { declaredAt } : {}) };
    });
  }

  #request(resource: ResourceType, object: KubeObject, before: KubeObject | undefined): PolicyRequest & { readonly object: KubeObject } {
    const { name, namespace = '' } = object.metadata;
    const isNamespace = groupResource(resource) === 'namespaces';
    const home = this.#options.namespaces.get(isNamespace ? name : namespace);
    return {
      operation: before ? 'UPDATE' : 'CREATE', group: resource.group, version: resource.version, resource: resource.plural, kind: resource.kind, name, object, user: USER, isDryRun: true,
      namespace: isNamespace ? name : namespace, otherVersions: () => this.#otherVersions(resource), ...(before ? { oldObject: before } : {}), ...(home ? { namespaceObject: home } : {}),
    };
  }

  #otherVersions = ({ group, plural, version }: ResourceType): readonly string[] =>
    this.#options.scheme.all().filter((other) => other.group === group && other.plural === plural && other.version !== version).map((other) => other.version);
}

/** Of a kind that is not known here, or encrypted: its fields cannot be judged. */
export const isOpaque = ({ isUnknownKind, object }: DeclaredObject): boolean => isUnknownKind || isEncrypted(object);

/** As SOPS leaves it: only a key opens it, and plans have none. */
export const isEncrypted = (object: KubeObject): boolean => typeof (object as { readonly sops?: unknown }).sops === 'object';
