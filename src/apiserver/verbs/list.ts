import { storedResource, type ResourceType } from '#api/resource-type.ts';
import type { EncodedObject } from '#api/conversion.ts';
import type { ListMeta } from '#api/generated/meta/v1.ts';
import { badRequest } from '#api/status-error.ts';
import { RevisionCompactedError } from '#store/errors.ts';
import type { CachedList, ListOptions } from '#watchcache/watch-cache.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { ListOutcome, Outcome } from '../outcome.ts';
import { decodeContinue, encodeContinue, type ContinueToken } from './continue-token.ts';
import { awaitRevision, badOption, expired, parseResourceVersion } from './resource-version.ts';
import { selectionOf, type Selection } from './selection.ts';

const TOO_OLD_TOKEN = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** @throws StatusError BadRequest, Invalid, Expired (410), Timeout (ResourceVersionTooLarge) */
export async function list(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const { query } = call;
  const token = query['continue'] ? decodeContinue(query['continue']) : undefined;
  const exact = checkVersions(query, token);
  await awaitRevision(env.cache, token ? '0' : query['resourceVersion']);
  const revision = token && token.revision > 0 ? token.revision : exact;
  return page(env, {
    resource, namespace, limit: limitOf(query['limit']), selection: selectionOf(resource, query, name),
    ...(token ? { token } : {}), ...(revision === undefined ? {} : { revision }),
  });
}

export interface PageRequest {
  readonly resource: ResourceType;
  readonly namespace: string;
  /** 0 is no limit. */
  readonly limit: number;
  readonly selection: Selection;
  readonly token?: ContinueToken;
  readonly revision?: number;
}

export function page(env: Environment, request: PageRequest): ListOutcome | Promise<ListOutcome> {
  const { resource, limit, selection, token } = request;
  const options: ListOptions = {
    ...(request.namespace === '' ? {} : { namespace: request.namespace }),
    ...(token ? { after: { namespace: token.namespace, name: token.name } } : {}),
    ...(request.revision === undefined ? {} : { revision: request.revision }),
    ...(limit > 0 && selection === undefined ? { limit } : {}),
  };
  const found = read(env, request, options);
  const served = resource.conversion === undefined ? found.items : resource.conversion.serve(found.items);
  return served instanceof Promise ? served.then((items) => pageOf(request, found, items)) : pageOf(request, found, served);
}

function pageOf({ resource, limit, selection }: PageRequest, found: CachedList, served: readonly EncodedObject[]): ListOutcome {
  const selected = selection === undefined ? served : served.filter((i) => selection(i.object));
  const items = limit > 0 ? selected.slice(0, limit) : selected;
  const rest = selection === undefined ? found.remaining : selected.length - items.length;
  const last = items.at(-1);
  const metadata: ListMeta = {
    resourceVersion: String(found.revision),
    ...(rest > 0 && last ? { continue: encodeContinue({ revision: found.revision, namespace: last.object.metadata.namespace ?? '', name: last.object.metadata.name }) } : {}),
    ...(rest > 0 && selection === undefined ? { remainingItemCount: rest } : {}),
  };
  return { type: 'list', resource, metadata, items };
}

function read(env: Environment, { resource, token }: PageRequest, options: ListOptions) {
  try {
    return env.cache.list(storedResource(resource), options);
  } catch (error) {
    if (!(error instanceof RevisionCompactedError)) throw error;
    throw token ? expired(TOO_OLD_TOKEN, encodeContinue({ ...token, revision: -1 })) : expired(`The resourceVersion for the provided list is too old.`);
  }
}

/** The revision of `resourceVersionMatch=Exact`. */
function checkVersions(query: Call['query'], token: ContinueToken | undefined): number | undefined {
  const { resourceVersion, resourceVersionMatch: match = '' } = query;
  const version = parseResourceVersion(resourceVersion);
  if (token && version !== undefined && version !== 0) throw badRequest('specifying resource version is not allowed when using continue');
  if (query['sendInitialEvents'] !== undefined) throw badOption('sendInitialEvents', 'FieldValueForbidden', 'sendInitialEvents is forbidden for list');
  if (match === '') return undefined;
  if (token) throw badOption('resourceVersionMatch', 'FieldValueForbidden', 'resourceVersionMatch is forbidden when continue is provided');
  if (version === undefined) throw badOption('resourceVersionMatch', 'FieldValueForbidden', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'NotOlderThan') return undefined;
  if (match !== 'Exact') throw badOption('resourceVersionMatch', 'FieldValueNotSupported', `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"`);
  if (version === 0) throw badOption('resourceVersionMatch', 'FieldValueForbidden', 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
  return version;
}

function limitOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const limit = Number(text);
  if (limit < 0) throw badOption('limit', 'FieldValueInvalid', `Invalid value: ${limit}: must be greater than or equal to 0`);
  return limit;
}
