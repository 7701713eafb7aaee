import type { EncodedObject } from '#api/conversion.ts';
import { andThen } from '#base/and-then.ts';
import { inSlices } from '#base/in-slices.ts';
import { apiVersionOf, storedResource, type ResourceType } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchEvent } from '#api/transport.ts';
import { isStatus, plainError, StatusError } from '#api/status-error.ts';
import { nullsOf, withZeroValues } from '#api/zero-values.ts';
import { RevisionCompactedError } from '#store/errors.ts';
import type { CacheEvent } from '#watchcache/watch-cache.ts';
import type { Call } from '../call.ts';
import { convertEvents } from '../conversion/convert-events.ts';
import { InOrder } from '../conversion/in-order.ts';
import type { Environment } from '../environment.ts';
import type { WatchEventCount } from '../metrics/watch-events.ts';
import { isTrue } from '../request-info.ts';
import { withRevision } from '../storage/object-reader.ts';
import { checkWatchOptions, numbersOf } from './list-options.ts';
import { awaitRevision, expired, faultOfVersion, parseResourceVersion } from './resource-version.ts';
import { selectionOf, type Selection } from './selection.ts';

/** An event, with ready bytes of its object where there are any. */
export interface WatchItem {
  readonly type: WatchEvent['type'];
  readonly object: KubeObject;
  readonly cached?: EncodedObject;
}

/** Where a watch goes: an HTTP response or an iterator. */
export interface WatchSink {
  /** `isInitial`: of the state that the watch begins with, which may be of any length and come in several parts. */
  send(items: readonly WatchItem[], isInitial?: boolean): void;
  /** No more comes. */
  end(): void;
}

/** Objects of the state that a watch begins with, told between two turns of the event loop. */
const INITIAL_SLICE = 500;
export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';
/** Without `timeoutSeconds` a watch lasts so long, or up to twice as long, so that clients do not all come back at once. */
const MIN_WATCH_MS = 30 * 60_000;
/** Before its end a watch tells how far it has come: whoever takes it up again misses no more than these. */
const LAST_BOOKMARK_MS = 2_000;

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
  const watch = new Watch(env, plan, sink);
  try {
    if (plan.sendsInitial || plan.after === undefined) await awaitRevision(env.cache, call.query['resourceVersion']);
  } catch (error) {
    // What is wrong with the options is told before the watch begins, that its state is not there yet by an event.
    if (!isStatus(error, 'Timeout')) throw error;
    return watch.fail(error);
  }
  return watch.start();
}

function planOf(env: Environment, call: Call): Plan {
  const { query, info } = call;
  const { timeoutSeconds } = numbersOf(query);
  const initial = checkWatchOptions(query);
  const selection = selectionOf(info.resource, query, info.name);
  const version = versionOf(query['resourceVersion']);
  const isFromStart = version === undefined || version === 0;
  const sendsInitial = initial ?? isFromStart;
  const hasBookmarks = isTrue(query['allowWatchBookmarks']);
  return {
    resource: info.resource, namespace: info.namespace, selection, hasBookmarks, sendsInitial, marksInitialEnd: initial === true && hasBookmarks,
    after: isFromStart ? undefined : version, timeoutMs: timeoutOf(env, timeoutSeconds),
  };
}

function versionOf(text = ''): number | undefined {
  const fault = text === '' ? undefined : faultOfVersion(text);
  if (fault !== undefined) throw plainError(`resourceVersion: ${fault}`);
  return parseResourceVersion(text);
}

/** A watch that is to last less than no time is over at once. */
const timeoutOf = (env: Environment, seconds: number): number => (seconds === 0 ? MIN_WATCH_MS + (env.clock.now() % MIN_WATCH_MS) : Math.max(0, seconds * 1000));

class Watch {
  readonly #env: Environment;
  readonly #plan: Plan;
  readonly #sink: WatchSink;
  readonly #sent: WatchEventCount;
  #stops: (() => void)[] = [];
  /** Conversions may take their time; events are told in their order all the same. */
  readonly #turns = new InOrder((error) => this.fail(error as Error));
  /** The newest revision that was told, by event or bookmark. */
  #reached = 0;
  #isOver = false;

  constructor(env: Environment, plan: Plan, sink: WatchSink) {
    this.#env = env;
    this.#plan = plan;
    this.#sink = sink;
    this.#sent = env.requests.watchEvents.of(plan.resource);
  }

  start(): () => void {
    try {
      if (this.#plan.sendsInitial) this.#sendInitial();
      else this.#follow(this.#plan.after ?? this.#env.cache.revision);
    } catch (error) {
      this.fail(error as Error);
    }
    return () => this.#stop();
  }

  /** Tells why there is nothing to watch, and ends. */
  fail(error: Error): () => void {
    const failure = error instanceof StatusError ? error : error instanceof RevisionCompactedError
      ? expired(`too old resource version: ${error.data.requested} (${error.data.oldest})`) : new StatusError('InternalError', error.message, { cause: error });
    this.#send([{ type: 'ERROR', object: failure.data.status as unknown as KubeObject }]);
    this.#finish();
    return () => {};
  }

  /** The present state as ADDED events, then what follows it; a bookmark tells its end to who takes bookmarks. */
  #sendInitial(): void {
    const { resource, namespace, marksInitialEnd } = this.#plan;
    const { items, revision } = this.#env.cache.list(storedResource(resource), namespace === '' ? {} : { namespace });
    this.#turns.run(andThen(resource.conversion?.serve(items) ?? items, (served) => this.#sendState(served)), () => {
      if (marksInitialEnd) this.#send([this.#bookmark(revision, { [INITIAL_EVENTS_END]: 'true' })]);
    });
    this.#follow(revision);
  }

  /** A promise when it takes several turns of the event loop. */
  #sendState(served: readonly EncodedObject[]): void | Promise<void> {
    if (served.length > INITIAL_SLICE) return inSlices(served, INITIAL_SLICE, (slice) => this.#sendAdded(slice));
    this.#sendAdded(served);
  }

  #sendAdded(served: readonly EncodedObject[]): void {
    if (this.#isOver) return;
    const { selection } = this.#plan;
    const chosen = selection ? served.filter(({ object }) => selection(object)) : served;
    this.#send(chosen.map((cached) => new CachedItem('ADDED', cached)), true);
  }

  #follow(after: number): void {
    if (this.#isOver) return;
    const { resource, namespace, hasBookmarks, timeoutMs } = this.#plan;
    const { conversion } = resource;
    this.#reached = after;
    const stopWatch = this.#env.cache.watch(storedResource(resource), { afterRevision: after, ...(namespace === '' ? {} : { namespace }) }, {
      onEvents: (events) => this.#turns.run(conversion ? convertEvents(conversion, events) : events, this.#tell),
      onEnd: (error) => this.#turns.run(error, (reason) => void this.fail(reason)),
      ...(hasBookmarks ? { onProgress: (revision: number) => this.#mark(revision) } : {}),
    });
    const { cache, clock } = this.#env;
    this.#stops = [stopWatch, clock.after(timeoutMs, () => this.#finish()), this.#untilRetired()];
    if (hasBookmarks && timeoutMs > LAST_BOOKMARK_MS) this.#stops.push(clock.after(timeoutMs - LAST_BOOKMARK_MS, () => this.#mark(cache.revision)));
    if (this.#isOver) this.#stop();
  }

  /** All events up to the revision were told, or wait before it for their turn. */
  #mark(revision: number): void {
    this.#turns.run(revision, (reached) => {
      if (reached > this.#reached) this.#send([this.#bookmark(reached)]);
      this.#reached = reached;
    });
  }

  readonly #tell = (events: readonly CacheEvent[]): void => {
    this.#reached = events.at(-1)?.revision ?? this.#reached;
    this.#send(events.flatMap((e) => this.#translate(e)));
  };

  /** A custom resource may get another form, or none: then clients shall come back. */
  #untilRetired(): () => void {
    const signal = this.#plan.resource.custom?.retired;
    if (signal === undefined) return () => {};
    const onRetired = (): void => this.#turns.run(undefined, () => this.#finish());
    if (signal.aborted) onRetired();
    signal.addEventListener('abort', onRetired, { once: true });
    return () => signal.removeEventListener('abort', onRetired);
  }

  /** An object that comes into a selector is ADDED, one that leaves it DELETED. */
  #translate(event: CacheEvent): readonly WatchItem[] {
    const { selection } = this.#plan;
    const was = event.previous !== undefined && (selection === undefined || selection(event.previous.object));
    const is = event.type === 'put' && (selection === undefined || selection(event.current.object));
    if (is) return [new CachedItem(was ? 'MODIFIED' : 'ADDED', event.current)];
    if (event.type === 'delete') return was || (event.previous === undefined && (selection === undefined || selection(event.current.object))) ? [new CachedItem('DELETED', event.current)] : [];
    return was && event.previous ? [{ type: 'DELETED', object: withRevision(event.previous.object, event.revision) }] : [];
  }

  #send(items: readonly WatchItem[], isInitial = false): void {
    if (this.#isOver || items.length === 0) return;
    this.#sent.value += items.length;
    this.#sink.send(items, isInitial);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#sink.end();
  }

  /** An object of the kind of which only a revision is known. */
  #bookmark(revision: number, annotations?: Readonly<Record<string, string>>): WatchItem {
    const { schema } = this.#env;
    const { resource } = this.#plan;
    const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
    const object = withZeroValues(schema, resource.facts, { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata } as unknown as KubeObject);
    return { type: 'BOOKMARK', object, cached: { object, revision, json: () => Buffer.from(JSON.stringify(nullsOf(schema, resource.facts)?.(object) ?? object)) } };
  }

  #stop(): void {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}

/** Decoded only for those who ask for the object: its bytes are there. */
class CachedItem implements WatchItem {
  readonly type: WatchItem['type'];
  readonly cached: EncodedObject;

  constructor(type: WatchItem['type'], cached: EncodedObject) {
    this.type = type;
    this.cached = cached;
  }

  get object(): KubeObject {
    return this.cached.object;
  }
}
