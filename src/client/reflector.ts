import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import { isStatus } from '#api/status-error.ts';
import { createBackoff } from './backoff.ts';
import type { Client, ListCallOptions } from './client.ts';
import type { SharedInformer } from './shared-informer.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client;
  readonly informer: SharedInformer<T>;
  readonly selection: ListCallOptions;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** First wait after a failure: a restarted API server is back within a second or two. */
const BACKOFF_FIRST_MS = 50;
const BACKOFF_MAX_MS = 5_000;
/** A watch that ends sooner than this is no sign of a healthy server, and is not taken up again at once. */
const HEALTHY_WATCH_MS = 1_000;
/** A large collection is never decoded as a whole. */
const PAGE_SIZE = 1_000;

/** Keeps an informer current until the signal aborts: list, then watch, and again from where the watch ended. */
export async function runReflector<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<void> {
  const { clock, log, random, informer } = options;
  const backoff = createBackoff({ firstMs: BACKOFF_FIRST_MS, maxMs: BACKOFF_MAX_MS, random });
  let version: string | undefined;
  while (!signal.aborted) {
    const startedMs = clock.monotonic();
    try {
      if (version === undefined) version = await relist(options, signal);
      for await (const next of follow(options, version, signal)) version = next;
      if (clock.monotonic() - startedMs >= HEALTHY_WATCH_MS) {
        backoff.reset();
        continue;
      }
    } catch (error) {
      if (signal.aborted) return;
      // The server no longer has (or, after a restore, does not yet have) that version: only a new list helps.
      if (isStatus(error, 'Expired', 'Gone') || isTooLarge(error)) version = undefined;
      else log.warn('informer lost its watch', { resource: informer.resource.plural, error });
      if (clock.monotonic() - startedMs >= HEALTHY_WATCH_MS) backoff.reset();
    }
    await clock.sleep(backoff.next(), signal).catch(() => {});
  }
}

/** In pages of one state. Where changes come faster than pages, the state is gone before the last: then all at once. */
async function relist<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal, pageSize: number = PAGE_SIZE): Promise<string> {
  const { client, informer, selection } = options;
  const present = new Set<NamespacedName>();
  let token: string | undefined;
  try {
    for (;;) {
      const { items, metadata } = await client.list(informer.resource, { ...selection, ...(pageSize ? { limit: pageSize } : {}), ...(token ? { continue: token } : {}), signal });
      for (const object of items) {
        present.add(keyOf(object));
        informer.put(object);
      }
      token = metadata.continue;
      if (token) continue;
      informer.listed(present);
      return metadata.resourceVersion ?? '0';
    }
  } catch (error) {
    if (token && isStatus(error, 'Expired')) return relist(options, signal, 0);
    throw error;
  }
}

/** Applies the events after `version` and yields the version reached after each. */
async function* follow<T extends KubeObject>({ client, informer, selection }: ReflectorOptions<T>, version: string, signal: AbortSignal): AsyncIterable<string> {
  const events = client.watch(informer.resource, { ...selection, resourceVersion: version, allowWatchBookmarks: true, signal });
  for await (const { type, object } of events) {
    if (type === 'DELETED') informer.delete(object);
    else if (type !== 'BOOKMARK') informer.put(object);
    if (object.metadata.resourceVersion !== undefined) yield object.metadata.resourceVersion;
  }
}

const isTooLarge = (error: unknown): boolean =>
  isStatus(error, 'Timeout') && (error.data.status.details?.causes ?? []).some((cause) => cause.reason === 'ResourceVersionTooLarge');
