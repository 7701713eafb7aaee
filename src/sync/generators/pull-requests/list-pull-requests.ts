import type { PullRequestGenerator } from '#api/headway/v1/types.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import { webRequest, type WebAnswer } from '../../web/web-request.ts';
import { GeneratorError } from '../errors.ts';
import { PROVIDERS } from './providers.ts';
import { type PullRequest, selectPullRequests } from './pull-request.ts';

const TIMEOUT_MS = 30_000;
const MAX_PAGE_BYTES = 32 * 1024 * 1024;
/** A repository or a project that has another name now. */
const MAX_REDIRECTS = 3;
/** A repository with more open pull requests than these pages hold is an error, not a set with some missing. */
const MAX_PAGES = 50;

export interface PullRequestQuery {
  readonly generator: PullRequestGenerator;
  readonly token?: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/** The open pull requests that a generator selects. @throws GeneratorError ProviderFailed (network, limits, server errors), ProviderRefused (credentials, no such repository) */
export async function listPullRequests({ generator, token, clock, signal }: PullRequestQuery): Promise<readonly PullRequest[]> {
  const provider = PROVIDERS[generator.provider];
  const base = (generator.apiURL || provider.defaultUrl || '').replace(/\/+$/, '');
  const headers = { ...provider.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const found: PullRequest[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { items, hasNext } = await readPage(`${base}${provider.pathOf(generator.repository, page)}`, { headers, clock, signal });
    found.push(...items.map((item) => readItem(item, provider.read, generator)));
    if (!hasNext) return selectPullRequests(found, generator.labels);
  }
  throw new GeneratorError('ProviderFailed', `${generator.repository} has more open pull requests than fit on ${MAX_PAGES} pages`);
}

interface PageOptions extends Pick<PullRequestQuery, 'clock' | 'signal'> {
  readonly headers: Readonly<Record<string, string>>;
}

/** All three say in the Link header whether there is another page; the token goes to no address that the answer names. */
async function readPage(url: string, { headers, clock, signal }: PageOptions): Promise<{ readonly items: readonly unknown[]; readonly hasNext: boolean }> {
  const failed = (error: unknown): GeneratorError => new GeneratorError('ProviderFailed', `${originOf(url)} cannot be asked for pull requests: ${asError(error).message}`, { cause: error });
  const answer = await webRequest({ url, headers, signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_PAGE_BYTES, maxRedirects: MAX_REDIRECTS }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw failed(error);
  });
  const body = parse(answer.body);
  if (answer.status !== 200) throw refusal({ url, answer, body, now: clock.now() });
  if (!Array.isArray(body)) throw failed(new Error('the answer is no list'));
  return { items: body, hasNext: /;\s*rel="?next"?/.test(answer.headers.get('link') ?? '') };
}

/** Undefined for what is no JSON. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function readItem(item: unknown, read: (item: unknown) => PullRequest, { provider }: PullRequestGenerator): PullRequest {
  try {
    return read(item);
  } catch (error) {
    throw new GeneratorError('ProviderFailed', `the answer is not one of ${provider}: ${asError(error).message}`, { cause: error });
  }
}

interface Refusal {
  readonly url: string;
  readonly answer: WebAnswer;
  readonly body: unknown;
  readonly now: number;
}

function refusal({ url, answer: { status, headers }, body, now }: Refusal): GeneratorError {
  const said = (body as { readonly message?: unknown } | undefined)?.message;
  const message = `${originOf(url)} answered ${status}${typeof said === 'string' ? `: ${said}` : ''}`;
  const waitMs = limitedFor(headers, now);
  if (status === 429 || (status === 403 && waitMs !== undefined)) return new GeneratorError('ProviderFailed', message, waitMs === undefined ? {} : { retryAfterMs: waitMs });
  return new GeneratorError(status >= 500 ? 'ProviderFailed' : 'ProviderRefused', message);
}

/** How long a rate limit holds, as GitHub (when used up), GitLab and Gitea say it. */
function limitedFor(headers: Headers, now: number): number | undefined {
  const after = Number(headers.get('retry-after') ?? Number.NaN);
  if (Number.isFinite(after)) return after * 1000;
  const reset = Number((headers.get('x-ratelimit-remaining') === '0' && headers.get('x-ratelimit-reset')) || Number.NaN);
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - now) : undefined;
}

const originOf = (url: string): string => new URL(url).origin;
