import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { subresourceFacts, type SubresourceFacts } from '../discovery/subresources.ts';
import { strategyOf } from '../registry/strategies.ts';
import { operationName } from './operation-names.ts';
import type { GroupVersionKind, JsonSchema } from './schemas.ts';

/** What depends on the version of OpenAPI. */
export interface PathDialect {
  parameter(name: string, place: 'query' | 'path', type: string): JsonSchema;
  body(schema: string, contentTypes: readonly string[]): JsonSchema;
  /** Without a schema the answer is text. */
  response(schema: string | undefined, description: string, contentTypes: readonly string[]): JsonSchema;
  /** Members of an operation that say what it answers. */
  produces(contentTypes: readonly string[]): JsonSchema;
}

/** The names of the schemas that a resource's operations speak of. */
export interface PathSchemas {
  readonly object: string;
  readonly list: string;
  readonly deleteOptions: string;
  readonly status: string;
  readonly watchEvent: string;
  /** The schema of a subresource's own kind. */
  of(kind: string): string;
}

type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'connect' | 'watch' | 'watchlist';
type Parameter = readonly [name: string, type: string];

const WRITE: readonly Parameter[] = [['dryRun', 'string'], ['fieldManager', 'string'], ['fieldValidation', 'string']];
const LIST: readonly Parameter[] = [
  ['allowWatchBookmarks', 'boolean'], ['continue', 'string'], ['fieldSelector', 'string'], ['labelSelector', 'string'], ['limit', 'integer'], ['resourceVersion', 'string'],
  ['resourceVersionMatch', 'string'], ['sendInitialEvents', 'boolean'], ['timeoutSeconds', 'integer'], ['watch', 'boolean'],
];
const DELETE: readonly Parameter[] = [['dryRun', 'string'], ['gracePeriodSeconds', 'integer'], ['ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean'], ['orphanDependents', 'boolean'], ['propagationPolicy', 'string']];
const CONNECT: Readonly<Record<string, readonly Parameter[]>> = {
  exec: [['command', 'string'], ['container', 'string'], ['stderr', 'boolean'], ['stdin', 'boolean'], ['stdout', 'boolean'], ['tty', 'boolean']],
  attach: [['container', 'string'], ['stderr', 'boolean'], ['stdin', 'boolean'], ['stdout', 'boolean'], ['tty', 'boolean']],
  portforward: [['ports', 'integer']], proxy: [['path', 'string']],
};
const LOG: readonly Parameter[] = [
  ['container', 'string'], ['follow', 'boolean'], ['insecureSkipTLSVerifyBackend', 'boolean'], ['limitBytes', 'integer'], ['previous', 'boolean'], ['sinceSeconds', 'integer'], ['stream', 'string'],
  ['tailLines', 'integer'], ['timestamps', 'boolean'],
];
const PARAMETERS: Readonly<Record<Verb, readonly Parameter[]>> = {
  get: [], list: LIST, create: WRITE, update: WRITE, patch: [...WRITE, ['force', 'boolean']], delete: DELETE, connect: [], watch: [], watchlist: [],
  deletecollection: [...LIST.filter(([name]) => name !== 'watch' && name !== 'allowWatchBookmarks'), ...DELETE],
};
const ACTIONS: Readonly<Record<Verb, string>> = {
  get: 'get', list: 'list', create: 'post', update: 'put', patch: 'patch', delete: 'delete', deletecollection: 'deletecollection', connect: 'connect', watch: 'watch', watchlist: 'watchlist',
};
const CODES: Readonly<Record<Verb, Readonly<Record<number, string>>>> = {
  get: { 200: 'OK' }, list: { 200: 'OK' }, create: { 200: 'OK', 201: 'Created', 202: 'Accepted' }, update: { 200: 'OK', 201: 'Created' }, patch: { 200: 'OK', 201: 'Created' },
  delete: { 200: 'OK', 202: 'Accepted' }, deletecollection: { 200: 'OK' }, connect: { 200: 'OK' }, watch: { 200: 'OK' }, watchlist: { 200: 'OK' },
};
const METHODS = { get: 'get', update: 'put', create: 'post', delete: 'delete', patch: 'patch' } as const;
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];
const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

interface Target {
  readonly resource: ResourceType;
  readonly kind: GroupVersionKind;
  readonly schema: string | undefined;
  readonly schemas: PathSchemas;
  readonly dialect: PathDialect;
  readonly subresource: string;
  /** Lists of all namespaces have a name of their own. */
  readonly isEverywhere: boolean;
}

/** The paths of one resource and of its subresources, with the parameters that kubectl looks for before it uses them. */
export function pathsOf(resource: ResourceType, schemas: PathSchemas, dialect: PathDialect): Readonly<Record<string, JsonSchema>> {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
  const base = resource.namespaced ? `${root}/namespaces/{namespace}/${resource.plural}` : `${root}/${resource.plural}`;
  const pretty = dialect.parameter('pretty', 'query', 'string');
  const place = [...(resource.namespaced ? [dialect.parameter('namespace', 'path', 'string')] : []), pretty];
  const named = [dialect.parameter('name', 'path', 'string'), ...place];
  const target: Target = { resource, kind: { group: resource.group, version: resource.version, kind: resource.kind }, schema: schemas.object, schemas, dialect, subresource: '', isEverywhere: false };
  const verbs = resource.verbs as readonly string[];
  const offered = (methods: Readonly<Record<string, Verb>>, of: Target = target): JsonSchema =>
    Object.fromEntries(Object.entries(methods).filter(([, verb]) => verbs.includes(verb)).map(([method, verb]) => [method, operation(of, verb)]));
  const single = offered({ get: 'get', put: 'update', patch: 'patch', delete: 'delete' });
  return {
    ...(resource.namespaced ? nonEmpty(`${root}/${resource.plural}`, offered({ get: 'list' }, { ...target, isEverywhere: true }), [pretty]) : {}),
    ...nonEmpty(base, offered({ get: 'list', post: 'create', delete: 'deletecollection' }), place),
    ...nonEmpty(`${base}/{name}`, single, named),
    ...watchPaths(target, { root, base: base.slice(root.length), place, named }),
    ...Object.assign({}, ...resource.subresources.map((name) => subresourcePaths(target, `${base}/{name}/${name}`, name, named))) as object,
  };
}

const nonEmpty = (path: string, operations: JsonSchema, parameters: readonly JsonSchema[]): Readonly<Record<string, JsonSchema>> =>
  (Object.keys(operations).length === 0 ? {} : { [path]: { ...operations, parameters } });

interface Places {
  /** Path of the group version. */
  readonly root: string;
  /** Path of the collection below it. */
  readonly base: string;
  readonly place: readonly JsonSchema[];
  readonly named: readonly JsonSchema[];
}

/** The old way to ask for a watch, which custom resources never had. */
function watchPaths(target: Target, { root, base, place, named }: Places): Readonly<Record<string, JsonSchema>> {
  const { resource, dialect } = target;
  if (resource.custom !== undefined || !resource.verbs.includes('watch')) return {};
  const options = LIST.map(([name, type]) => dialect.parameter(name, 'query', type));
  const path = (verb: Verb, parameters: readonly JsonSchema[], isEverywhere = false): JsonSchema => ({ get: operation({ ...target, isEverywhere }, verb), parameters: [...parameters, ...options] });
  return {
    ...(resource.namespaced ? { [`${root}/watch/${resource.plural}`]: path('watchlist', place.slice(1), true) } : {}),
    [`${root}/watch${base}`]: path('watchlist', place),
    [`${root}/watch${base}/{name}`]: path('watch', named),
  };
}

function subresourcePaths(target: Target, path: string, name: string, named: readonly JsonSchema[]): Readonly<Record<string, JsonSchema>> {
  const facts = subresourceFacts(target.resource, name);
  const { group = target.kind.group, version = target.kind.version, kind, verbs } = facts;
  const of: Target = { ...target, kind: { group, version, kind }, subresource: name, schema: schemaOf(target, facts, name) };
  const operations = Object.fromEntries(verbs.map((verb) => [METHODS[verb as keyof typeof METHODS], operation(of, name in CONNECT ? 'connect' : (verb as Verb), verb)]));
  const paths = nonEmpty(path, operations, named);
  if (name !== 'proxy') return paths;
  return { ...paths, ...nonEmpty(`${path}/{path}`, operations, [...named, target.dialect.parameter('path', 'path', 'string')]) };
}

/** What is streamed has no schema. */
function schemaOf({ resource, schemas }: Target, { kind }: SubresourceFacts, name: string): string | undefined {
  if (name in CONNECT || name === 'log') return undefined;
  return kind === resource.kind ? schemas.object : schemas.of(kind);
}

function operation(target: Target, verb: Verb, method: string = verb): JsonSchema {
  const { resource, kind, dialect, subresource } = target;
  const { parameters: inBody = [], ...body } = bodyOf(target, verb) as { readonly parameters?: readonly JsonSchema[] };
  const inQuery = verb === 'connect' ? (CONNECT[subresource] ?? []) : subresource === 'log' ? LOG : PARAMETERS[verb];
  const parameters = [...inBody, ...inQuery.map(([name, type]) => dialect.parameter(name, 'query', type))];
  const types = resource.custom ? BODY_TYPES.slice(0, 2) : isStreamed(verb) ? [...BODY_TYPES, ...STREAM_TYPES] : BODY_TYPES;
  return {
    ...(verb === 'watch' || verb === 'watchlist' ? { description: 'deprecated: list with the parameter watch instead' } : {}),
    operationId: operationName({ resource, subresource, verb, method, isEverywhere: target.isEverywhere }), tags: [tagOf(resource)], ...dialect.produces(types),
    'x-kubernetes-action': ACTIONS[verb], 'x-kubernetes-group-version-kind': kind,
    ...(parameters.length > 0 ? { parameters } : {}), ...body, responses: responsesOf(target, verb, types),
  };
}

const isStreamed = (verb: Verb): boolean => verb === 'list' || verb === 'watch' || verb === 'watchlist';

function bodyOf({ schema, schemas, dialect, resource }: Target, verb: Verb): JsonSchema {
  switch (verb) {
    case 'create': case 'update': return dialect.body(schema ?? schemas.object, ['*/*']);
    case 'patch': return dialect.body(schemas.object, resource.custom ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES);
    case 'delete': case 'deletecollection': return dialect.body(schemas.deleteOptions, ['*/*']);
    default: return {};
  }
}

function responsesOf({ schema, schemas, dialect, resource }: Target, verb: Verb, types: readonly string[]): JsonSchema {
  const answer = answerOf({ schema, schemas, resource }, verb);
  const answers = Object.entries(CODES[verb]).map(([code, description]) => [code, dialect.response(answer, description, types)]);
  return { ...Object.fromEntries(answers), 401: { description: 'Unauthorized' } };
}

function answerOf({ schema, schemas, resource }: Pick<Target, 'schema' | 'schemas' | 'resource'>, verb: Verb): string | undefined {
  switch (verb) {
    case 'list': return schemas.list;
    case 'deletecollection': return schemas.status;
    case 'watch': case 'watchlist': return schemas.watchEvent;
    case 'delete': return strategyOf(resource).returnsDeleted ? schemas.object : schemas.status;
    default: return schema;
  }
}

const tagOf = ({ group, version }: ResourceType): string => `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replaceAll(/[.-](\w)/g, (_, c: string) => c.toUpperCase())}_${version}`;
