import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { subresourceFacts } from '../../discovery/subresources.ts';
import { strategyOf } from '../../registry/strategies.ts';
import { customListName, customName } from '../custom-schemas.ts';
import type { SchemaNames } from '../schema-names.ts';
import type { GroupVersionKind } from '../schemas.ts';
import { type Action, type ActionFacts, ACTIONS, CUSTOM_ACTIONS, describe, type ObjectAction } from './actions.ts';
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

/** All operations on the objects of resources and on their subresources. */
export class ResourceRoutes {
  readonly #names: RouteOptions['names'];
  readonly #parameters: RouteOptions['parameters'];

  constructor({ names, parameters }: RouteOptions) {
    this.#names = names;
    this.#parameters = parameters;
  }

  /** Custom resources never had the old paths of watches. */
  of(resource: ResourceType): readonly Route[] {
    const { plural, kind, namespaced, verbs, custom } = resource;
    const scope = namespaced ? [NAMESPACE] : [];
    const everywhere: readonly Place[] = namespaced ? [{ rest: plural, parameters: [], isEverywhere: true }] : [];
    const collection: Place = { rest: namespaced ? `namespaces/{namespace}/${plural}` : plural, parameters: scope };
    const item: Place = { rest: `${collection.rest}/{name}`, parameters: [...scope, nameOf(kind)] };
    const old = (place: Place): Place => ({ ...place, rest: `watch/${place.rest}` });
    const subject: Subject = { resource, subresource: '', kind: kindOf(resource), object: resource.facts ?? customName(resource) };
    const at = (places: readonly Place[], ...actions: readonly ObjectAction[]): readonly Route[] => places.flatMap((place) => this.#actions(subject, place, { actions, verbs }));
    return [
      ...at(everywhere, 'list'), ...at([collection], 'list', 'post', 'deletecollection'), ...at([item], 'get', 'put', 'patch', 'delete'),
      ...(custom === undefined ? [...at([...everywhere, collection].map(old), 'watchlist'), ...at([old(item)], 'watch')] : []),
      ...resource.subresources.flatMap((name) => this.#ofSubresource(subject, { rest: `${item.rest}/${name}`, parameters: scope }, name)),
    ];
  }

  #ofSubresource(parent: Subject, place: Place, name: string): readonly Route[] {
    const { resource } = parent;
    const { group = resource.group, version = resource.version, kind, verbs } = subresourceFacts(resource, name);
    const own = kindOf({ group, version, kind });
    const object = kind === resource.kind ? parent.object : this.#names.referenceOf(own);
    // Custom resources say of their scale what they say of themselves.
    const subject: Subject = { resource, subresource: name, kind: resource.custom ? parent.kind : own, object };
    const named: Place = { ...place, parameters: [...place.parameters, nameOf(subject.kind.kind)] };
    if (name in CONNECTED) return this.#connections(subject, named);
    if (name === 'log') return [this.#log(subject, named)];
    return this.#actions(subject, named, { actions: ['get', 'put', 'patch', 'post'], verbs });
  }

  #connections(subject: Subject, place: Place): readonly Route[] {
    const { subresource, object } = subject;
    const places: readonly Place[] = subresource === 'proxy' ? [place, { rest: `${place.rest}/{path}`, parameters: [...place.parameters, REST], hasRest: true }] : [place];
    return places.flatMap((at) => (CONNECTED[subresource] ?? []).map((method) => ({
      ...routeOf(subject, at, { action: 'connect', method }), parameters: [...this.#parameters.of(object), ...at.parameters], answers: { 200: 'string' },
    })));
  }

  #log(subject: Subject, place: Place): Route {
    const { produces, ...route } = routeOf(subject, place, { action: 'get', method: 'get' });
    return { ...route, produces: ['text/plain', ...produces], parameters: [PRETTY, ...this.#parameters.of('core/v1.PodLogOptions'), ...place.parameters], answers: { 200: 'string' } };
  }

  /** Those for which the resource has the verb. */
  #actions(subject: Subject, place: Place, { actions, verbs }: { readonly actions: readonly ObjectAction[]; readonly verbs: readonly string[] }): readonly Route[] {
    return actions.filter((action) => verbs.includes(ACTIONS[action].verb)).map((action) => this.#action(subject, place, action));
  }

  #action(subject: Subject, place: Place, action: ObjectAction): Route {
    const { method, options, without = [], body, answer, statuses } = (subject.resource.custom ? CUSTOM_ACTIONS : ACTIONS)[action];
    const asked = options.flatMap((type) => this.#parameters.of(type)).filter(({ name }) => !without.includes(name));
    const model = answerOf(subject, answer);
    return {
      ...routeOf(subject, place, { action, method }), parameters: [PRETTY, ...asked, ...place.parameters],
      ...(body ? { body: { model: bodyOf(subject, body), isRequired: body !== 'options' } } : {}),
      answers: Object.fromEntries(statuses.map((status) => [status, model])),
    };
  }
}

const kindOf = ({ group, version, kind }: GroupVersionKind): GroupVersionKind => ({ group, version, kind });

/** What an operation says of itself. */
function routeOf({ resource, subresource, kind }: Subject, place: Place, { action, method }: { readonly action: Action; readonly method: Method }): Omit<Route, 'parameters' | 'answers'> {
  const { group, version, namespaced: isNamespaced, custom, verbs } = resource;
  const { rest, isEverywhere = false, hasRest = false } = place;
  const isCustom = custom !== undefined;
  return {
    path: `${group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}/${rest}`, method, tag: tagOf(group, version), consumes: consumed(action, isCustom), produces: produced(action, isCustom),
    id: operationName({ group, version, kind: resource.kind, action, subresource, method, isNamespaced, isEverywhere, hasRest }),
    description: describe(action, { kind: resource.kind, subresource, method, isWatched: !isCustom && verbs.includes('watch') }),
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
    // A namespace is answered too, but Kubernetes' document does not say so, and typed clients are made from it.
    case 'deleted': return strategyOf(resource).returnsDeleted && resource.facts !== 'core/v1.Namespace' ? object : 'meta/v1.Status';
    case 'status': return 'meta/v1.Status';
    case 'event': return 'meta/v1.WatchEvent';
  }
}
