import { apiVersionOf, type ResourceType, type Verb } from '#api/resource-type.ts';
import type { Dialect, JsonSchema, TypeSchemas } from './type-schemas.ts';

type Parameter = { readonly name: string; readonly in: 'path' | 'query' | 'body'; readonly type: 'string' | 'integer' | 'boolean' };
const query = (name: string, type: Parameter['type'] = 'string'): Parameter => ({ name, in: 'query', type });

const LIST_PARAMETERS = [
  query('allowWatchBookmarks', 'boolean'), query('continue'), query('fieldSelector'), query('labelSelector'), query('limit', 'integer'),
  query('resourceVersion'), query('resourceVersionMatch'), query('sendInitialEvents', 'boolean'), query('timeoutSeconds', 'integer'), query('watch', 'boolean'),
];
const WRITE_PARAMETERS = [query('dryRun'), query('fieldManager'), query('fieldValidation')];
const DELETE_PARAMETERS = [query('dryRun'), query('gracePeriodSeconds', 'integer'), query('orphanDependents', 'boolean'), query('propagationPolicy')];

interface VerbOperation {
  readonly method: string;
  readonly action: string;
  readonly isOnCollection: boolean;
  readonly parameters: readonly Parameter[];
  readonly hasBody: boolean;
}
const OPERATIONS: Partial<Record<Verb, VerbOperation>> = {
  list: { method: 'get', action: 'list', isOnCollection: true, parameters: LIST_PARAMETERS, hasBody: false },
  create: { method: 'post', action: 'post', isOnCollection: true, parameters: WRITE_PARAMETERS, hasBody: true },
  deletecollection: { method: 'delete', action: 'deletecollection', isOnCollection: true, parameters: [...LIST_PARAMETERS, ...DELETE_PARAMETERS], hasBody: false },
  get: { method: 'get', action: 'get', isOnCollection: false, parameters: [], hasBody: false },
  update: { method: 'put', action: 'put', isOnCollection: false, parameters: WRITE_PARAMETERS, hasBody: true },
  patch: { method: 'patch', action: 'patch', isOnCollection: false, parameters: [...WRITE_PARAMETERS, query('force', 'boolean')], hasBody: true },
  delete: { method: 'delete', action: 'delete', isOnCollection: false, parameters: DELETE_PARAMETERS, hasBody: false },
};

/** The paths of one resource with its operations, as clients look them up: by group-version-kind and query parameter. */
export function resourcePaths(resource: ResourceType, types: TypeSchemas, dialect: Dialect): Readonly<Record<string, JsonSchema>> {
  const { group, version, kind } = resource;
  const prefix = group === '' ? '/api/v1' : `/apis/${apiVersionOf(resource)}`;
  const collection = `${prefix}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`;
  const object = resource.facts ? types.reference(resource.facts, { group, version, kind }) : { type: 'object' };
  const list = listSchema(resource, types);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const verb of resource.verbs) {
    const operation = OPERATIONS[verb];
    if (!operation) continue;
    const path = operation.isOnCollection ? collection : `${collection}/{name}`;
    paths[path] ??= { parameters: pathParameters(path, dialect) };
    const answer = verb === 'list' ? list : object;
    paths[path][operation.method] = operationSchema(operation, resource, { body: object, answer }, dialect);
  }
  if (resource.namespaced && resource.verbs.includes('list')) {
    const operation = OPERATIONS.list as VerbOperation;
    paths[`${prefix}/${resource.plural}`] = { get: operationSchema(operation, resource, { body: object, answer: list }, dialect) };
  }
  return paths;
}

function listSchema(resource: ResourceType, types: TypeSchemas): JsonSchema {
  if (!resource.facts || !resource.verbs.includes('list')) return { type: 'object' };
  return types.reference(`${resource.facts}List`, { group: resource.group, version: resource.version, kind: `${resource.kind}List` });
}

function pathParameters(path: string, dialect: Dialect): readonly JsonSchema[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '');
  return names.map((name) => parameterSchema({ name, in: 'path', type: 'string' }, dialect));
}

function parameterSchema(parameter: Parameter, dialect: Dialect): JsonSchema {
  const head = { name: parameter.name, in: parameter.in, ...(parameter.in === 'path' ? { required: true } : {}) };
  return dialect.isV3 ? { ...head, schema: { type: parameter.type, uniqueItems: true } } : { ...head, type: parameter.type, uniqueItems: true };
}

function operationSchema(operation: VerbOperation, resource: ResourceType, schemas: { readonly body: JsonSchema; readonly answer: JsonSchema }, dialect: Dialect): JsonSchema {
  const { group, version, kind } = resource;
  const parameters = operation.parameters.map((p) => parameterSchema(p, dialect));
  const common = { 'x-kubernetes-action': operation.action, 'x-kubernetes-group-version-kind': { group, version, kind } };
  if (!dialect.isV3) {
    const body = operation.hasBody ? [{ name: 'body', in: 'body', required: true, schema: schemas.body }] : [];
    return { ...common, parameters: [...body, ...parameters], responses: { 200: { description: 'OK', schema: schemas.answer } } };
  }
  return {
    ...common, parameters,
    ...(operation.hasBody ? { requestBody: { required: true, content: { '*/*': { schema: schemas.body } } } } : {}),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: schemas.answer } } } },
  };
}
