import type { Budget } from './cel/program.ts';
import { BOOL, DYN, list, map, object, STRING, type Type } from './cel/types.ts';
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

/** The variables that every expression of admission has. */
export const REQUEST_VARIABLES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['object', DYN], ['oldObject', DYN], ['params', DYN], ['namespaceObject', DYN], ['request', REQUEST], ['authorizer', AUTHORIZER], ['authorizer.requestResource', RESOURCE_CHECK],
]);

/** The variables of one request; nothing is converted before an expression reads it. */
export function celContext(request: PolicyRequest, budget: Budget = requestBudget()): CelContext {
  const values = {};
  define(values, 'object', () => fromJson(request.object ?? null));
  define(values, 'oldObject', () => fromJson(request.oldObject ?? null));
  define(values, 'namespaceObject', () => fromJson(request.namespaceObject ?? null));
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

function requestValue(request: PolicyRequest): Value {
  const { group, version, kind } = request;
  const [resource = '', subresource = ''] = request.resource.split('/');
  const asked = request.requestVersion ?? version;
  return fromJson({
    operation: request.operation, kind: { group, version, kind }, resource: { group, version, resource }, subResource: subresource,
    requestKind: { group, version: asked, kind }, requestResource: { group, version: asked, resource }, requestSubResource: subresource,
    namespace: request.namespace, name: request.name, dryRun: request.isDryRun, options: request.options ?? null,
    userInfo: { username: request.user.name, uid: request.user.uid ?? '', groups: request.user.groups, extra: request.user.extra ?? {} },
  });
}
