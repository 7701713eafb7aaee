import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { subresourceFacts } from '../../discovery/subresources.ts';
import { strategyOf } from '../../registry/strategies.ts';
import { customListName, customName } from '../custom-schemas.ts';
import type { SchemaNames } from '../schema-names.ts';
import type { GroupVersionKind } from '../schemas.ts';
import { type Action, type ActionFacts, ACTIONS, CUSTOM_ACTIONS, describe } from './actions.ts';
import { consumed, produced } from './media-types.ts';
import { operationName, tagOf } from './operation-names.ts';
import type { OptionParameters } from './option-parameters.ts';
import type { Method, Model, Parameter, Route } from './route.ts';

export interface RouteOptions {
  readonly names: Pick<SchemaNames, 'referenceOf'>;
  readonly parameters: Pick<OptionParameters, 'of'>;
}

/** A path below that of the group version. */
interface Place {
  readonly rest: string;
  readonly parameters: readonly Parameter[];
  readonly isEverywhere?: boolean;
  readonly hasRest?: boolean;
}

/** Of what the operations of a place are. */
interface Subject {
  readonly resource: ResourceType;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly kind: GroupVersionKind;
  readonly object: Model;
}

const PRETTY: Parameter = {
  name: 'pretty', in: 'query', type: 'string',
  description: "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).",
};
const NAMESPACE: Parameter = { name: 'namespace', in: 'path', type: 'string', description: 'object name and auth scope, such as for teams and projects' };
const REST: Parameter = { name: 'path', in: 'path', type: 'string', description: 'path to the resource' };
const nameOf = (kind: string): Parameter => ({ name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` });

/** Subresources that connect the client to something else. */
const CONNECTED: Readonly<Record<string, readonly Method[]>> = {
  attach: ['get', 'post'], exec: ['get', 'post'], portforward: ['get', 'post'], proxy: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'],
};

/** All operations on the objects of a resource and on their subresources; custom resources never had the old paths of watches. */
export function resourceRoutes(resource: ResourceType, options: RouteOptions): readonly Route[] {
  const { plural, kind, namespaced, verbs, custom } = resource;
  const scope = namespaced ? [NAMESPACE] : [];
  const everywhere: readonly Place[] = namespaced ? [{ rest: plural, parameters: [], isEverywhere: true }] : [];
  const collection: Place = { rest: namespaced ? `namespaces/{namespace}/${plural}` : plural, parameters: scope };
  const item: Place = { rest: `${collection.rest}/{name}`, parameters: [...scope, nameOf(kind)] };
  const subject: Subject = { resource, subresource: '', kind: kindOf(resource), object: resource.facts ?? customName(resource) };
  const at = (places: readonly Place[], ...actions: readonly (keyof typeof ACTIONS)[]): readonly Route[] =>
    places.flatMap((place) => actions.filter((action) => (verbs as readonly string[]).includes(ACTIONS[action].verb)).map((action) => actionRoute(subject, place, action, options)));
  const watched = custom === undefined && verbs.includes('list') ? (place: Place): readonly Place[] => [{ ...place, rest: `watch/${place.rest}` }] : () => [];
  return [
    ...at(everywhere, 'list'), ...at([collection], 'list', 'post', 'deletecollection'), ...at([item], 'get', 'put', 'patch', 'delete'),
    ...at([...everywhere, collection].flatMap(watched), 'watchlist'), ...at(watched(item), 'watch'),
    ...resource.subresources.flatMap((name) => subresourceRoutes(subject, { rest: `${item.rest}/${name}`, parameters: scope }, name, options)),
  ];
}

const kindOf = ({ group, version, kind }: GroupVersionKind): GroupVersionKind => ({ group, version, kind });

function subresourceRoutes(parent: Subject, place: Place, name: string, options: RouteOptions): readonly Route[] {
  const { resource } = parent;
  const { group = resource.group, version = resource.version, kind, verbs } = subresourceFacts(resource, name);
  const own = kindOf({ group, version, kind });
  const object = kind === resource.kind ? parent.object : options.names.referenceOf(own);
  // Custom resources say of their scale what they say of themselves.
  const subject: Subject = { resource, subresource: name, kind: resource.custom ? parent.kind : own, object };
  const named: Place = { ...place, parameters: [...place.parameters, nameOf(subject.kind.kind)] };
  const methods = CONNECTED[name];
  if (methods !== undefined) return connectRoutes(subject, named, methods, options);
  if (name === 'log') return [logRoute(subject, named, options)];
  return (['get', 'put', 'patch', 'post'] as const).filter((action) => verbs.includes(ACTIONS[action].verb)).map((action) => actionRoute(subject, named, action, options));
}

function connectRoutes(subject: Subject, place: Place, methods: readonly Method[], options: RouteOptions): readonly Route[] {
  const places: readonly Place[] = subject.subresource === 'proxy' ? [place, { rest: `${place.rest}/{path}`, parameters: [...place.parameters, REST], hasRest: true }] : [place];
  return places.flatMap((at) => methods.map((method) => ({
    ...routeOf(subject, at, 'connect', method), parameters: [...options.parameters.of(subject.object), ...at.parameters], answers: { 200: 'string' },
  })));
}

function logRoute(subject: Subject, place: Place, options: RouteOptions): Route {
  const { produces, ...route } = routeOf(subject, place, 'get', 'get');
  return { ...route, produces: ['text/plain', ...produces], parameters: [PRETTY, ...options.parameters.of('core/v1.PodLogOptions'), ...place.parameters], answers: { 200: 'string' } };
}

function actionRoute(subject: Subject, place: Place, action: keyof typeof ACTIONS, { parameters }: RouteOptions): Route {
  const facts = (subject.resource.custom ? CUSTOM_ACTIONS : ACTIONS)[action];
  const asked = facts.options.flatMap((type) => parameters.of(type)).filter(({ name }) => !facts.without?.includes(name));
  const answer = answerOf(subject, facts.answer);
  return {
    ...routeOf(subject, place, action, facts.method), parameters: [PRETTY, ...asked, ...place.parameters],
    ...(facts.body ? { body: { model: bodyOf(subject, facts.body), isRequired: facts.body !== 'options' } } : {}),
    answers: Object.fromEntries(facts.statuses.map((status) => [status, answer])),
  };
}

/** What an operation says of itself. */
function routeOf({ resource, subresource, kind }: Subject, { rest, isEverywhere = false, hasRest = false }: Place, action: Action, method: Method): Omit<Route, 'parameters' | 'answers'> {
  const { group, version, namespaced: isNamespaced, custom } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${apiVersionOf(resource)}`;
  return {
    path: `${root}/${rest}`, method, tag: tagOf(group, version), consumes: consumed(action, custom !== undefined), produces: produced(action, custom !== undefined),
    id: operationName({ group, version, kind: resource.kind, action, subresource, method, isNamespaced, isEverywhere, hasRest }),
    description: describe(action, { kind: resource.kind, subresource, method, isWatched: custom === undefined && resource.verbs.includes('watch') }),
    target: { action, kind },
  };
}

function bodyOf({ object }: Subject, body: NonNullable<ActionFacts['body']>): Model {
  switch (body) {
    case 'object': return object;
    case 'patch': return 'meta/v1.Patch';
    case 'options': return 'meta/v1.DeleteOptions';
  }
}

function answerOf({ resource, object }: Subject, answer: ActionFacts['answer']): Model {
  switch (answer) {
    case 'object': return object;
    case 'list': return resource.facts === undefined ? customListName(resource) : `${resource.facts}List`;
    case 'deleted': return strategyOf(resource).returnsDeleted ? object : 'meta/v1.Status';
    case 'status': return 'meta/v1.Status';
    case 'event': return 'meta/v1.WatchEvent';
  }
}
