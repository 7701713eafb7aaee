/** Where a pull request's comments are, and who asks. */
export interface PullRequest {
  /** `https://api.github.com`, of another server `https://host/api/v3`. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly token: string;
}

interface Comment {
  readonly id: number;
  readonly body?: string;
}

const PAGE_SIZE = 100;
const TRIES = 4;
const TIMEOUT_MS = 30_000;
/** Longer waits than this are left to the next run. */
const MAX_WAIT_MS = 60_000;

/** The API answered otherwise than with success. */
class ResponseError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Changes the comment that begins with the marker, or writes one; somebody else's with the same marker is left alone. Resolves to what was done. */
export async function putComment(pull: PullRequest, marker: string, body: string): Promise<'created' | 'updated' | 'unchanged'> {
  const own = (await commentsOf(pull)).filter((comment) => comment.body?.startsWith(marker));
  for (const comment of own) {
    if (comment.body?.replaceAll('\r\n', '\n').trimEnd() === body.trimEnd()) return 'unchanged';
    try {
      await request(pull, 'PATCH', `issues/comments/${comment.id}`, { body });
      return 'updated';
    } catch (error) {
      if (!(error instanceof ResponseError) || (error.status !== 403 && error.status !== 404)) throw error;
    }
  }
  await request(pull, 'POST', `issues/${pull.number}/comments`, { body });
  return 'created';
}

async function commentsOf(pull: PullRequest): Promise<readonly Comment[]> {
  const all: Comment[] = [];
  for (let page = 1; ; page++) {
    const found = (await request(pull, 'GET', `issues/${pull.number}/comments?per_page=${PAGE_SIZE}&page=${page}`)) as readonly Comment[];
    all.push(...found);
    if (found.length < PAGE_SIZE) return all;
  }
}

async function request(pull: PullRequest, method: string, path: string, body?: object): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${pull.apiUrl}/repos/${pull.repository}/${path}`, {
      method, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body ? { body: JSON.stringify(body) } : {}),
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${pull.token}`, 'x-github-api-version': '2022-11-28', 'content-type': 'application/json', 'user-agent': 'headway-plan' },
    });
    if (response.ok) return response.json();
    const { message } = (await response.json().catch(() => ({}))) as { readonly message?: string };
    const waitMs = attempt < TRIES ? retryAfterMs(response, attempt) : undefined;
    if (waitMs === undefined) throw new ResponseError(response.status, `${method} ${path}: ${response.status} ${message ?? response.statusText}`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** Undefined when another try would be answered alike. A 403 is a refusal, or a limit that names its end. */
function retryAfterMs({ status, headers }: Response, attempt: number): number | undefined {
  const named = headers.get('retry-after');
  if (named !== null && (status === 403 || status === 429)) return Number(named) * 1000 <= MAX_WAIT_MS ? Number(named) * 1000 : undefined;
  return status >= 500 || status === 429 ? 2 ** attempt * 250 : undefined;
}
