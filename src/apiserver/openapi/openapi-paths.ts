import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { GroupVersionKind, JsonSchema } from './schemas.ts';

/** What depends on the version of OpenAPI. */
export interface PathDialect {
  parameter(name: string, place: 'query' | 'path', type: string): JsonSchema;
  body(schema: string, contentTypes: readonly string[]): JsonSchema;
  response(schema: string): JsonSchema;
}

const WRITE_PARAMETERS = [['dryRun', 'string'], ['fieldManager', 'string'], ['fieldValidation', 'string']] as const;
const LIST_PARAMETERS = [
  ['allowWatchBookmarks', 'boolean'], ['continue', 'string'], ['fieldSelector', 'string'], ['labelSelector', 'string'], ['limit', 'integer'], ['resourceVersion', 'string'],
  ['resourceVersionMatch', 'string'], ['sendInitialEvents', 'boolean'], ['timeoutSeconds', 'integer'], ['watch', 'boolean'],
] as const;
const DELETE_PARAMETERS = [['dryRun', 'string'], ['gracePeriodSeconds', 'integer'], ['orphanDependents', 'boolean'], ['propagationPolicy', 'string']] as const;
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];

/** The names of the schemas that a resource's operations speak of. */
export interface PathSchemas {
  readonly object: string;
  readonly list: string;
  /** `autoscaling/v1.Scale` */
  readonly scale: string;
}

/** The paths of one resource, with the parameters that kubectl looks for before it uses them. */
export function pathsOf(resource: ResourceType, schemas: PathSchemas, dialect: PathDialect): Readonly<Record<string, JsonSchema>> {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
  const base = resource.namespaced ? `${root}/namespaces/{namespace}/${resource.plural}` : `${root}/${resource.plural}`;
  const inPath = resource.namespaced ? [dialect.parameter('namespace', 'path', 'string')] : [];
  const kind = { group: resource.group, version: resource.version, kind: resource.kind };
  const operation = operationFor(resource, schemas, dialect, kind);
  const collection = only({ get: operation('list'), post: operation('create'), delete: operation('deletecollection') });
  const single = only({ get: operation('get'), put: operation('update'), patch: operation('patch'), delete: operation('delete') });
  const named = [...inPath, dialect.parameter('name', 'path', 'string')];
  const part = (of: typeof operation): JsonSchema => ({ ...only({ get: of('get'), put: of('update'), patch: of('patch') }), parameters: named });
  return {
    ...(resource.custom && resource.namespaced ? { [`${root}/${resource.plural}`]: only({ get: operation('list') }) } : {}),
    [base]: { ...collection, ...(inPath.length > 0 ? { parameters: inPath } : {}) },
    ...(Object.keys(single).length > 0 ? { [`${base}/{name}`]: { ...single, parameters: named } } : {}),
    ...(resource.subresources.includes('status') ? { [`${base}/{name}/status`]: part(operation) } : {}),
    ...(resource.custom && resource.subresources.includes('scale') ? { [`${base}/{name}/scale`]: part(operationFor(resource, { ...schemas, object: schemas.scale }, dialect, kind)) } : {}),
  };
}

const only = (operations: Readonly<Record<string, JsonSchema | undefined>>): JsonSchema => Object.fromEntries(Object.entries(operations).filter(([, o]) => o !== undefined));

function operationFor(resource: ResourceType, schemas: PathSchemas, dialect: PathDialect, kind: GroupVersionKind) {
  const parameters = (list: readonly (readonly [string, string])[]): readonly JsonSchema[] => list.map(([name, type]) => dialect.parameter(name, 'query', type));
  const action = (name: string, list: readonly (readonly [string, string])[], body?: readonly string[]): JsonSchema => {
    const given = body ? dialect.body(schemas.object, body) : {};
    const { parameters: inBody = [], ...rest } = given as { readonly parameters?: readonly JsonSchema[] };
    return {
      operationId: `${name}${resource.group}${resource.version}${resource.kind}`, 'x-kubernetes-action': name, 'x-kubernetes-group-version-kind': kind,
      parameters: [...inBody, ...parameters(list)], ...rest, responses: { 200: dialect.response(name === 'list' ? schemas.list : schemas.object) },
    };
  };
  return (verb: string): JsonSchema | undefined => {
    if (!(resource.verbs as readonly string[]).includes(verb)) return undefined;
    switch (verb) {
      case 'get': return action('get', []);
      case 'list': return action('list', LIST_PARAMETERS);
      case 'create': return action('post', WRITE_PARAMETERS, ['application/json', 'application/yaml']);
      case 'update': return action('put', WRITE_PARAMETERS, ['application/json', 'application/yaml']);
      case 'patch': return action('patch', [...WRITE_PARAMETERS, ['force', 'boolean']], resource.custom ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES);
      case 'delete': return action('delete', DELETE_PARAMETERS);
      default: return action('deletecollection', [...LIST_PARAMETERS, ...DELETE_PARAMETERS]);
    }
  };
}
