import { storedResource, type ResourceType } from '#api/resource-type.ts';
import type { EncodedObject } from '#api/conversion.ts';
import type { ListMeta } from '#api/generated/meta/v1.ts';
import { badRequest } from '#api/status-error.ts';
import { RevisionCompactedError } from '#store/errors.ts';
import type { CachedList, ListOptions } from '#watchcache/watch-cache.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { ListOutcome } from '../outcome.ts';
import { decodeContinue, encodeContinue, isOver, type ContinueToken } from './continue-token.ts';
import { checkListOptions, numbersOf } from './list-options.ts';
import { awaitRevision, expired, parseResourceVersion } from './resource-version.ts';
import { selectedNamespace, selectionOf, type Selection } from './selection.ts';

const TOO_OLD_TOKEN = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Looked at between two turns of the event loop: some milliseconds when each must be decoded first. */
const SLICE = 1_000;

/** @throws StatusError BadRequest, Invalid, Expired (410), Timeout (ResourceVersionTooLarge) */
export async function list(env: Environment, call: Call): Promise<ListOutcome> {
  const { resource, name } = call.info;
  const { query } = call;
  const { limit } = numbersOf(query);
  checkListOptions(query);
  const selection = selectionOf(resource, query, name);
  const namespace = selectedNamespace(call.info, query);
  const token = query['continue'] ? decodeContinue(query['continue']) : undefined;
  const now = env.clock.now();
  if (token && isOver(token, now)) throw tooOld(token);
  const isSingle = token === undefined && isOneName({ ...call.info, namespace });
  const exact = exactRevision(query, token, isSingle ? 0 : limit);
  await awaitRevision(env.cache, token ? '0' : query['resourceVersion']);
  const revision = token && token.revision > 0 ? token.revision : exact;
  return page(env, {
    // What there is of any version is told whole, as by Kubernetes' cache.
    resource, namespace, limit: query['resourceVersion'] === '0' || isSingle ? 0 : Math.max(0, limit), selection, shownAt: (token && token.revision > 0 ? token.shownAt : undefined) ?? now,
    ...(token ? { token } : {}), ...(revision === undefined ? {} : { revision }),
  });
}

/** Nothing but the object of this name is read, so that no page can end before it. */
const isOneName = ({ resource, namespace, selectedName }: Call['info']): boolean => selectedName !== undefined && (namespace !== '' || !resource.namespaced);

interface PageRequest {
  readonly resource: ResourceType;
  readonly namespace: string;
  /** 0 is no limit. */
  readonly limit: number;
  readonly selection: Selection;
  /** When the state that the pages show was current. */
  readonly shownAt: number;
  readonly token?: ContinueToken;
  readonly revision?: number;
}

function page(env: Environment, request: PageRequest): ListOutcome | Promise<ListOutcome> {
  const { resource, limit, selection, token } = request;
  const options: ListOptions = {
    ...(request.namespace === '' ? {} : { namespace: request.namespace }),
    ...(token ? { after: { namespace: token.namespace, name: token.name } } : {}),
    ...(request.revision === undefined ? {} : { revision: request.revision }),
    ...(limit > 0 && selection === undefined ? { limit } : {}),
  };
  const found = read(env, request, options);
  const served = resource.conversion === undefined ? found.items : resource.conversion.serve(found.items);
  return served instanceof Promise ? served.then((items) => selectedPage(request, found, items)) : selectedPage(request, found, served);
}

/** Who selects has objects looked at, and so perhaps decoded, until the page is full: a long collection slice by slice. */
function selectedPage(request: PageRequest, found: CachedList, served: readonly EncodedObject[]): ListOutcome | Promise<ListOutcome> {
  const { selection, limit } = request;
  if (selection === undefined) return pageOf(request, found, { items: served, remaining: found.remaining });
  const page = new SelectedPage(served, selection, limit);
  if (served.length <= SLICE) return pageOf(request, found, page.select(served.length));
  return selectedSlices(page, served.length).then((selected) => pageOf(request, found, selected));
}

async function selectedSlices(page: SelectedPage, length: number): Promise<Selected> {
  let selected = page.select(SLICE);
  for (let end = 2 * SLICE; selected.remaining > 0 && !page.isFull; end += SLICE) {
    await new Promise((resolve) => setImmediate(resolve));
    selected = page.select(Math.min(end, length));
  }
  return selected;
}

/** What a page shows, and how many objects lie beyond the last that was looked at. */
interface Selected {
  readonly items: readonly EncodedObject[];
  readonly remaining: number;
}

/** Whether one of those beyond a full page is selected is found out with the next, as in Kubernetes: that may be empty. */
class SelectedPage implements Selected {
  readonly items: EncodedObject[] = [];
  readonly #served: readonly EncodedObject[];
  readonly #selection: NonNullable<Selection>;
  readonly #limit: number;
  #at = 0;

  constructor(served: readonly EncodedObject[], selection: NonNullable<Selection>, limit: number) {
    this.#served = served;
    this.#selection = selection;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#limit > 0 && this.items.length >= this.#limit;
  }

  get remaining(): number {
    return this.#served.length - this.#at;
  }

  /** Goes on to here, or until the page is full. */
  select(end: number): this {
    for (; this.#at < end && !this.isFull; this.#at++) {
      const served = this.#served[this.#at] as EncodedObject;
      if (this.#selection(served.object)) this.items.push(served);
    }
    return this;
  }
}

function pageOf({ resource, selection, shownAt }: PageRequest, found: CachedList, { items, remaining }: Selected): ListOutcome {
  const last = items.at(-1);
  const metadata: ListMeta = {
    resourceVersion: String(found.revision),
    ...(remaining > 0 && last ? { continue: encodeContinue({ revision: found.revision, namespace: last.object.metadata.namespace ?? '', name: last.object.metadata.name, shownAt }) } : {}),
    ...(remaining > 0 && selection === undefined ? { remainingItemCount: remaining } : {}),
  };
  return { type: 'list', resource, metadata, items };
}

function read(env: Environment, { resource, token }: PageRequest, options: ListOptions) {
  try {
    return env.cache.list(storedResource(resource), options);
  } catch (error) {
    if (!(error instanceof RevisionCompactedError)) throw error;
    throw token ? tooOld(token) : expired(`The resourceVersion for the provided list is too old.`);
  }
}

const tooOld = ({ namespace, name }: ContinueToken): Error => expired(TOO_OLD_TOKEN, encodeContinue({ revision: -1, namespace, name }));

/** Of a page too, when it asks for no other match: the pages that follow show the same state. */
function exactRevision({ resourceVersion, resourceVersionMatch: match = '' }: Call['query'], token: ContinueToken | undefined, limit: number): number | undefined {
  if (token && (resourceVersion ?? '') !== '' && resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue');
  const version = parseResourceVersion(resourceVersion);
  if (version === undefined || version === 0) return undefined;
  return match === 'Exact' || (match === '' && limit > 0) ? version : undefined;
}
