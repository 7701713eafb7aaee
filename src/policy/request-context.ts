import type { Budget } from './cel/program.ts';
import { BOOL, DYN, INT, list, map, object, STRING, TIMESTAMP, type Type } from './cel/types.ts';
import type { Value } from './cel/values.ts';
import { AUTHORIZER, authorizerValue, RESOURCE_CHECK, requestResourceValue } from './library/authorizer.ts';
import type { PolicyRequest } from './policy-request.ts';
import { fromJson } from './typing/json-value.ts';

/** What the names of an expression stand for in one request, and what its evaluations may still cost. */
export interface CelContext {
  readonly values: Readonly<Record<string, Value | undefined>>;
  readonly budget: Budget;
}

const REQUEST_COST_BUDGET = 10_000_000;
/** What the validations or the mutations of one policy may cost together for one request. */
export const requestBudget = (): Budget => ({ remaining: REQUEST_COST_BUDGET });

const struct = (name: string, fields: Readonly<Record<string, Type>>): Type => object(name, (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined));
const KIND = struct('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = struct('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = struct('kubernetes.UserInfo', { username: STRING, uid: STRING, groups: list(STRING), extra: map(STRING, list(STRING)) });
const REQUEST = struct('kubernetes.AdmissionRequest', {
  kind: KIND, resource: RESOURCE, subResource: STRING, requestKind: KIND, requestResource: RESOURCE, requestSubResource: STRING, name: STRING, namespace: STRING, operation: STRING, userInfo: USER, dryRun: BOOL, options: DYN,
});

const TEXTS = list(STRING);
const CONDITION = struct('kubernetes.NamespaceCondition', { status: STRING, type: STRING, lastTransitionTime: TIMESTAMP, message: STRING, reason: STRING });
/** What of its metadata a policy is shown. */
const NAMESPACE_METADATA: Readonly<Record<string, Type>> = {
  name: STRING, generateName: STRING, namespace: STRING, labels: map(STRING, STRING), annotations: map(STRING, STRING), UID: STRING, creationTimestamp: TIMESTAMP, deletionGracePeriodSeconds: INT,
  deletionTimestamp: TIMESTAMP, generation: INT, resourceVersion: STRING, finalizers: TEXTS,
};
const NAMESPACE = struct('kubernetes.Namespace', {
  metadata: struct('kubernetes.NamespaceMetadata', NAMESPACE_METADATA), spec: struct('kubernetes.NamespaceSpec', { finalizers: TEXTS }), status: struct('kubernetes.NamespaceStatus', { conditions: list(CONDITION), phase: STRING }),
});

/** The variables that every expression of admission has. */
export const REQUEST_VARIABLES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['object', DYN], ['oldObject', DYN], ['params', DYN], ['namespaceObject', NAMESPACE], ['request', REQUEST], ['authorizer', AUTHORIZER], ['authorizer.requestResource', RESOURCE_CHECK],
]);

/** The variables of one request; nothing is converted before an expression reads it. */
export function celContext(request: PolicyRequest, budget: Budget = requestBudget()): CelContext {
  const values = {};
  define(values, 'object', () => fromJson(request.object ?? null));
  define(values, 'oldObject', () => fromJson(request.oldObject ?? null));
  define(values, 'namespaceObject', () => fromJson(namespaceValue(request)));
  define(values, 'request', () => requestValue(request));
  const { authorize } = request;
  if (authorize) {
    define(values, 'authorizer', () => authorizerValue(authorize));
    define(values, 'authorizer.requestResource', () => {
      const [resource = '', subresource = ''] = request.resource.split('/');
      return requestResourceValue(authorize, { group: request.group, resource, subresource, namespace: request.namespace, name: request.name });
    });
  }
  return { values, budget };
}

/** A property that is computed when it is first read. */
export function define(target: object, name: string, compute: () => Value): void {
  let known: { readonly value: Value } | undefined;
  Object.defineProperty(target, name, { enumerable: true, get: () => (known ??= { value: compute() }).value });
}

/** Of a Namespace itself there is none; others are shown without what policies are not to depend on. */
function namespaceValue({ group, kind, namespaceObject }: PolicyRequest): object | null {
  if (!namespaceObject || (kind === 'Namespace' && group === '')) return null;
  const { ownerReferences: _, managedFields: __, ...metadata } = namespaceObject.metadata;
  return { ...namespaceObject, metadata };
}

/** An AdmissionRequest as Go writes it, without what is empty, and without the objects, which are variables of their own. */
function requestValue(request: PolicyRequest): Value {
  const { group, version, kind, user } = request;
  const [resource = '', subresource = ''] = request.resource.split('/');
  const asked = request.requestVersion ?? version;
  return fromJson({
    uid: '', operation: request.operation, kind: { group, version, kind }, resource: { group, version, resource }, ...filled({ subResource: subresource, requestSubResource: subresource, namespace: request.namespace, name: request.name }),
    requestKind: { group, version: asked, kind }, requestResource: { group, version: asked, resource }, object: null, oldObject: null, dryRun: request.isDryRun, options: request.options ?? null,
    userInfo: filled({ username: user.name, uid: user.uid, groups: user.groups, extra: user.extra }),
  });
}

/** Without empty texts, lists and objects. */
const filled = (fields: Readonly<Record<string, string | object | undefined>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => (typeof value === 'object' ? Object.keys(value).length > 0 : value)));
