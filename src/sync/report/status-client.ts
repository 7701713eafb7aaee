import type { CommitOutcome } from './commit-outcome.ts';
import { PAGE_SIZE, type StatusApi, type StatusRequest, type WrittenStatus } from './status-api.ts';

export type WriteResult =
  | { readonly type: 'done' }
  /** Not before this many milliseconds, where the provider says so. */
  | { readonly type: 'later'; readonly waitMs?: number; readonly why: string }
  /** Trying again changes nothing: another token, another spec may. */
  | { readonly type: 'refused'; readonly why: string };

const TIMEOUT_MS = 20_000;
/** Contexts of one commit that are looked through; more are written without a look. */
const MAX_PAGES = 10;
const MAX_ANSWER_CHARS = 4 * 1024 * 1024;

/** Calls a provider's API with one token. Nothing of it is ever in a message. */
export class StatusClient {
  readonly #api: StatusApi;
  readonly #token: string;
  readonly #now: () => number;

  /** `now` is the wall clock, for limits that providers give as a time. */
  constructor(api: StatusApi, token: string, now: () => number) {
    this.#api = api;
    this.#token = token;
    this.#now = now;
  }

  async write(outcome: CommitOutcome, signal: AbortSignal): Promise<WriteResult> {
    const response = await this.#call(this.#api.write(outcome), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return { why: (error as Error).cause instanceof Error ? ((error as Error).cause as Error).message : (error as Error).message };
    });
    if ('why' in response) return { type: 'later', why: response.why };
    const body = (await response.text().catch(() => '')).slice(0, 300);
    return readResult(response, body, this.#now());
  }

  /** What stands at the commit; what cannot be read counts as nothing. */
  async read(revision: string, signal: AbortSignal): Promise<readonly WrittenStatus[]> {
    const found: WrittenStatus[] = [];
    try {
      for (let page = 1; page <= MAX_PAGES; page++) {
        const response = await this.#call(this.#api.read(revision, page), signal);
        const text = await response.text();
        if (!response.ok || text.length > MAX_ANSWER_CHARS) break;
        const statuses = this.#api.parse(JSON.parse(text));
        found.push(...statuses);
        if (statuses.length < PAGE_SIZE) break;
      }
    } catch {
      signal.throwIfAborted();
    }
    return found;
  }

  /** A redirection is not followed: the token is for this address. */
  #call({ method, url, body }: StatusRequest, signal: AbortSignal): Promise<Response> {
    return fetch(url, {
      method, redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: { ...this.#api.headers(this.#token), 'user-agent': 'headway', ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }
}

/** What an answer means. GitHub says 403 where others say 429; GitLab says 400 when a status is as it was. */
export function readResult({ status, headers }: Pick<Response, 'status' | 'headers'>, body: string, now: number): WriteResult {
  if (status >= 200 && status < 300) return { type: 'done' };
  if (status === 400 && /Cannot transition status/i.test(body)) return { type: 'done' };
  const why = `HTTP ${status}${body === '' ? '' : `: ${body.replaceAll(/\s+/g, ' ')}`}`;
  const waitMs = limitMs(headers, now);
  const isLimited = status === 429 || (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0' || /rate limit/i.test(body)));
  if (isLimited || status >= 500 || status === 408) return { type: 'later', why, ...(waitMs === undefined ? {} : { waitMs }) };
  return { type: 'refused', why };
}

/** `Retry-After` in seconds or as a date; `X-RateLimit-Reset` (GitHub) and `RateLimit-Reset` (GitLab) as seconds of the epoch. */
function limitMs(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null) return Math.max(0, /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now) || 0;
  if (headers.get('x-ratelimit-remaining') !== '0' && headers.get('ratelimit-remaining') !== '0') return undefined;
  const reset = Number(headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset') ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - now) : undefined;
}
