import { badRequest, StatusError } from '#api/status-error.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** As long as Kubernetes waits for its cache. */
const WAIT_MS = 3_000;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Makes reads at least as new as asked: unset is now, 0 is whatever is there, N is not older than N. A promise only when there is something to wait for. */
export function awaitRevision(cache: WatchCache, resourceVersion: string | undefined): void | Promise<unknown> {
  const wanted = parseResourceVersion(resourceVersion);
  if (wanted === undefined) return cache.isCurrent() ? undefined : cache.sync().catch(notCurrent);
  return wanted === 0 || wanted <= cache.revision ? undefined : waitFor(cache, wanted, resourceVersion ?? '');
}

async function waitFor(cache: WatchCache, wanted: number, asked: string): Promise<void> {
  try {
    await cache.waitFor(wanted, WAIT_MS);
  } catch (error) {
    if (cache.revision >= wanted) return;
    throw tooLarge(asked, cache.revision, error);
  }
}

function notCurrent(error: unknown): never {
  if (error instanceof StoreUnavailableError) throw new StatusError('ServiceUnavailable', `the store is not available: ${error.message}`, { cause: error });
  throw new StatusError('Timeout', 'Timeout: the read cache did not catch up with the store', { cause: error });
}

/** @throws StatusError BadRequest */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const fault = faultOfVersion(text);
  if (fault !== undefined) throw badRequest(`invalid resource version: resourceVersion: ${fault}`);
  // The store never gets so far: a version beyond is in the future, however far.
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
}

/** What is wrong with a resource version, in Go's words. */
export function faultOfVersion(text: string): string | undefined {
  const why = versionFault(text);
  return why && `Invalid value: ${JSON.stringify(text)}: ${why}`;
}

/** The same without the place. */
export function versionFault(text: string): string | undefined {
  const why = !/^\d+$/.test(text) ? 'invalid syntax' : BigInt(text) > MAX_UINT64 ? 'value out of range' : undefined;
  return why && `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;
}

function tooLarge(asked: string, current: number, cause: unknown): StatusError {
  return new StatusError('Timeout', `Timeout: Too large resource version: ${BigInt(asked)}, current: ${current}`, {
    code: 504, cause, details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
  });
}

/** 410: the history that was asked for is gone. `continueToken` lets the client go on, at a newer revision. */
export const expired = (message: string, continueToken?: string): StatusError =>
  new StatusError('Expired', message, continueToken === undefined ? {} : { metadata: { continue: continueToken } });
