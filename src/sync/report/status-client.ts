import { asError } from '#base/errors.ts';
import { webRequest, type WebAnswer } from '../web/web-request.ts';
import type { CommitOutcome } from './commit-outcome.ts';
import { PAGE_SIZE, type StatusApi, type StatusRequest, type WrittenStatus } from './status-format.ts';

export type WriteResult =
  | { readonly type: 'done' }
  /** Not before this many milliseconds, where the provider says so. */
  | { readonly type: 'later'; readonly waitMs?: number; readonly why: string }
  /** Trying again changes nothing: another token, another spec may. */
  | { readonly type: 'refused'; readonly why: string };

const TIMEOUT_MS = 20_000;
/** Contexts of one commit that are looked through; more are written without a look. */
const MAX_PAGES = 10;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface StatusClientOptions {
  readonly api: StatusApi;
  readonly token: string;
  /** PEM of the authorities that are trusted. Default: the usual ones. */
  readonly ca?: string | undefined;
  /** The wall clock, for limits that providers give as a time. */
  readonly now: () => number;
}

/** Calls a provider's API with one token. Nothing of it is ever in a message. */
export class StatusClient {
  readonly #options: StatusClientOptions;

  constructor(options: StatusClientOptions) {
    this.#options = options;
  }

  async write(outcome: CommitOutcome, signal: AbortSignal): Promise<WriteResult> {
    const answer = await this.#call(this.#options.api.write(outcome), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return { why: asError(error).message };
    });
    if ('why' in answer) return { type: 'later', why: answer.why };
    return readResult(answer, answer.body.toString().slice(0, 300), this.#options.now());
  }

  /** What stands at the commit; what cannot be read counts as nothing. */
  async read(revision: string, signal: AbortSignal): Promise<readonly WrittenStatus[]> {
    const found: WrittenStatus[] = [];
    try {
      for (let page = 1; page <= MAX_PAGES; page++) {
        const { status, body } = await this.#call(this.#options.api.read(revision, page), signal);
        if (status !== 200) break;
        const statuses = this.#options.api.parse(JSON.parse(body.toString()));
        found.push(...statuses);
        if (statuses.length < PAGE_SIZE) break;
      }
    } catch {
      signal.throwIfAborted();
    }
    return found;
  }

  /** A redirection is not followed: the token is for this address. */
  #call({ method, url, body }: StatusRequest, signal: AbortSignal): Promise<WebAnswer> {
    const { api, token, ca } = this.#options;
    const headers = { ...api.headers(token), ...(body ? { 'content-type': 'application/json' } : {}) };
    return webRequest({ method, url, headers, ca, signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES, ...(body ? { body: JSON.stringify(body) } : {}) });
  }
}

/** What an answer means. GitHub says 403 where others say 429; GitLab says 400 when a status is as it was. */
export function readResult({ status, headers }: Pick<WebAnswer, 'status' | 'headers'>, body: string, now: number): WriteResult {
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
