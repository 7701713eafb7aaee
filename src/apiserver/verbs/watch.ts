import { apiVersionOf, groupResource, type ResourceType } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchEvent } from '#api/transport.ts';
import { StatusError, badRequest } from '#api/status-error.ts';
import { RevisionCompactedError } from '#store/errors.ts';
import type { CachedObject, CacheEvent } from '#watchcache/watch-cache.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { isTrue } from '../request-info.ts';
import { withRevision } from '../storage/object-reader.ts';
import { awaitRevision, badOption, expired, parseResourceVersion } from './resource-version.ts';
import { selectionOf, type Selection } from './selection.ts';

/** An event, with ready bytes of its object where there are any. */
export interface WatchItem {
  readonly type: WatchEvent['type'];
  readonly object: KubeObject;
  readonly cached?: CachedObject;
}

/** Where a watch goes: an HTTP response or an iterator. */
export interface WatchSink {
  send(items: readonly WatchItem[]): void;
  /** No more comes. */
  end(): void;
}

export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';
/** Without `timeoutSeconds` a watch lasts so long, or up to twice as long, so that clients do not all come back at once. */
const MIN_WATCH_MS = 30 * 60_000;
/** A timer cannot wait longer; a client comes back after these 24 days as after any other time. */
const MAX_WATCH_MS = 2 ** 31 - 1;

interface Plan {
  readonly resource: ResourceType;
  readonly namespace: string;
  readonly selection: Selection;
  readonly hasBookmarks: boolean;
  readonly sendsInitial: boolean;
  readonly marksInitialEnd: boolean;
  /** Undefined: from now. */
  readonly after: number | undefined;
  readonly timeoutMs: number;
}

/** Opens a watch; the returned function ends it. Later failures arrive as an ERROR event. @throws StatusError for bad options */
export async function openWatch(env: Environment, call: Call, sink: WatchSink): Promise<() => void> {
  const plan = planOf(env, call);
  if (plan.sendsInitial || plan.after === undefined) await awaitRevision(env.cache, call.query['resourceVersion']);
  return new Watch(env, plan, sink).start();
}

function planOf(env: Environment, call: Call): Plan {
  const { query, info } = call;
  const version = parseResourceVersion(query['resourceVersion']);
  const initial = query['sendInitialEvents'];
  if (initial !== undefined && query['resourceVersionMatch'] !== 'NotOlderThan') throw badOption('resourceVersionMatch', 'FieldValueForbidden', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (initial === undefined && query['resourceVersionMatch']) throw badOption('resourceVersionMatch', 'FieldValueForbidden', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  if (initial !== undefined && !['true', 'false', '1', '0'].includes(initial)) throw badRequest(`invalid value for sendInitialEvents: ${initial}`);
  const isFromStart = version === undefined || version === 0;
  const sendsInitial = initial === undefined ? isFromStart : isTrue(initial);
  return {
    resource: info.resource, namespace: info.namespace, selection: selectionOf(info.resource, query, info.name),
    hasBookmarks: isTrue(query['allowWatchBookmarks']), sendsInitial, marksInitialEnd: sendsInitial && initial !== undefined,
    after: isFromStart ? undefined : version, timeoutMs: timeoutOf(env, query['timeoutSeconds']),
  };
}

function timeoutOf(env: Environment, text: string | undefined): number {
  if (text !== undefined && text !== '' && !/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const seconds = Number(text ?? 0);
  return seconds > 0 ? Math.min(seconds * 1000, MAX_WATCH_MS) : MIN_WATCH_MS + (env.clock.now() % MIN_WATCH_MS);
}

class Watch {
  readonly #env: Environment;
  readonly #plan: Plan;
  readonly #sink: WatchSink;
  #stops: readonly (() => void)[] = [];
  #isOver = false;

  constructor(env: Environment, plan: Plan, sink: WatchSink) {
    this.#env = env;
    this.#plan = plan;
    this.#sink = sink;
  }

  start(): () => void {
    try {
      const after = this.#plan.sendsInitial ? this.#sendInitial() : (this.#plan.after ?? this.#env.cache.revision);
      this.#follow(after);
    } catch (error) {
      this.#fail(error as Error);
    }
    return () => this.#stop();
  }

  /** The present state as ADDED events; a bookmark tells its end when asked for. Returns its revision. */
  #sendInitial(): number {
    const { resource, namespace, selection, marksInitialEnd } = this.#plan;
    const { items, revision } = this.#env.cache.list(groupResource(resource), namespace === '' ? {} : { namespace });
    const chosen = selection ? items.filter((i) => selection(i.object)) : items;
    this.#send(chosen.map((cached) => this.#item('ADDED', cached)));
    if (marksInitialEnd) this.#send([bookmark(resource, revision, { [INITIAL_EVENTS_END]: 'true' })]);
    return revision;
  }

  #follow(after: number): void {
    const { resource, namespace, hasBookmarks, timeoutMs } = this.#plan;
    const stopWatch = this.#env.cache.watch(groupResource(resource), { afterRevision: after, ...(namespace === '' ? {} : { namespace }) }, {
      onEvents: (events) => this.#send(events.flatMap((e) => this.#translate(e))),
      onEnd: (error) => this.#fail(error),
      ...(hasBookmarks ? { onProgress: (revision: number) => this.#send([bookmark(resource, revision)]) } : {}),
    });
    this.#stops = [stopWatch, this.#env.clock.after(timeoutMs, () => this.#finish())];
    if (this.#isOver) this.#stop();
  }

  /** An object that comes into a selector is ADDED, one that leaves it DELETED. */
  #translate(event: CacheEvent): readonly WatchItem[] {
    const { selection } = this.#plan;
    const was = event.previous !== undefined && (selection === undefined || selection(event.previous.object));
    const is = event.type === 'put' && (selection === undefined || selection(event.current.object));
    if (is) return [this.#item(was ? 'MODIFIED' : 'ADDED', event.current)];
    if (event.type === 'delete') return was || (event.previous === undefined && (selection === undefined || selection(event.current.object))) ? [this.#item('DELETED', event.current)] : [];
    return was && event.previous ? [{ type: 'DELETED', object: this.#inVersion(withRevision(event.previous.object, event.revision)) }] : [];
  }

  #item(type: WatchItem['type'], cached: CachedObject): WatchItem {
    const object = this.#inVersion(cached.object);
    return object === cached.object ? { type, object, cached } : { type, object };
  }

  #inVersion(object: KubeObject): KubeObject {
    const apiVersion = apiVersionOf(this.#plan.resource);
    return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  }

  #send(items: readonly WatchItem[]): void {
    if (!this.#isOver && items.length > 0) this.#sink.send(items);
  }

  #fail(error: Error): void {
    const failure = error instanceof StatusError ? error : error instanceof RevisionCompactedError
      ? expired(`too old resource version: ${error.data.requested} (${error.data.oldest})`) : new StatusError('InternalError', error.message, { cause: error });
    this.#send([{ type: 'ERROR', object: failure.data.status as unknown as KubeObject }]);
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#sink.end();
  }

  #stop(): void {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}

function bookmark(resource: ResourceType, revision: number, annotations?: Readonly<Record<string, string>>): WatchItem {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...(annotations ? { annotations } : {}) };
  return { type: 'BOOKMARK', object: { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata } as unknown as KubeObject };
}
