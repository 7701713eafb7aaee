import { execFileSync, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { createTemporaryRepository, type TemporaryRepository } from './temporary-repository.ts';

/** Either will do when both are given. */
export interface GitCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly bearerToken?: string;
}

/** A ref that moved; 40 zeros where there is none. */
export interface RefUpdate {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** A repository on the server, and a clone of it to commit in. */
export interface ServedRepository {
  /** `https://127.0.0.1:<port>/<name>.git` */
  readonly url: string;
  /** The bare repository. */
  readonly directory: string;
  readonly clone: TemporaryRepository;
  /** Commits in the clone and pushes `main`; answers with the commit's id. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): string;
  /** Pushes as git does: refs, options. Hooks are told of what moved. */
  push(...args: readonly string[]): void;
}

/** `git http-backend` over TLS on the loopback: clone, fetch and push. */
export interface GitServer {
  /** Of the authority that signed the server's certificate. */
  readonly caPem: string;
  readonly port: number;
  /** `METHOD /path?query` of each request, refused ones too. */
  readonly requests: readonly string[];
  /** The most requests that were ever under way at once. */
  mostAtOnce(): number;
  /** Who may come in from now on; undefined is everybody, as at the start. */
  setCredentials(credentials: GitCredentials | undefined): void;
  /** Called after each push, over https or by {@link ServedRepository.push}, with what moved. */
  onPush(hook: (updates: readonly RefUpdate[], repository: string) => void): void;
  create(name?: string): Promise<ServedRepository>;
  /** No longer reachable; `resume` listens on the same port again. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

const NONE = '0'.repeat(40);

export async function startGitServer(t: Pick<ExecutionContext, 'teardown'>): Promise<GitServer> {
  const root = temporaryDirectory('headway-git-server');
  const authority = await makeAuthority('git', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'git', ipAddresses: ['127.0.0.1'], usages: ['server'] }, Date.now());
  const requests: string[] = [];
  const hooks: ((updates: readonly RefUpdate[], repository: string) => void)[] = [];
  let credentials: GitCredentials | undefined;
  let [underWay, mostAtOnce] = [0, 0];
  const watchPush = async (repository: string, push: () => Promise<void> | void): Promise<void> => {
    const before = refsOf(join(root, repository));
    await push();
    const updates = movedRefs(before, refsOf(join(root, repository)));
    if (updates.length > 0) for (const hook of hooks) hook(updates, repository);
  };
  const server = createServer(pair, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    response.once('close', () => { underWay -= 1; });
    if (!isAllowed(credentials, request.headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const repository = /^\/([\w.-]+\.git)\/git-receive-pack$/.exec(request.url ?? '')?.[1];
    const run = (): Promise<void> => runBackend(root, request, response);
    void (repository && request.method === 'POST' ? watchPush(repository, run) : run());
  });
  const listen = (port: number): Promise<void> => new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  const close = (): Promise<void> => new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  t.teardown(async () => {
    await close();
    await rm(root, { recursive: true, force: true });
  });
  return {
    caPem: authority.cert, port, requests,
    mostAtOnce: () => mostAtOnce,
    setCredentials: (next) => void (credentials = next),
    onPush: (hook) => void hooks.push(hook),
    pause: close,
    resume: () => listen(port),
    create: (name = 'repository') => serveRepository(t, { directory: join(root, `${name}.git`), url: `https://127.0.0.1:${port}/${name}.git`, watchPush: (push) => void watchPush(`${name}.git`, push) }),
  };
}

interface Served {
  readonly directory: string;
  readonly url: string;
  readonly watchPush: (push: () => void) => void;
}

async function serveRepository(t: Pick<ExecutionContext, 'teardown'>, { directory, url, watchPush }: Served): Promise<ServedRepository> {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', directory]);
  execFileSync('git', ['-C', directory, 'config', 'http.receivepack', 'true']);
  const clone = await createTemporaryRepository();
  t.teardown(() => clone.dispose());
  clone.git('remote', 'add', 'origin', directory);
  const push = (...args: readonly string[]): void => watchPush(() => void clone.git('push', '--quiet', 'origin', ...args));
  return {
    url, directory, clone, push,
    commit(files, message) {
      const revision = clone.commit(files, message);
      push('HEAD:main');
      return revision;
    },
  };
}

function isAllowed(credentials: GitCredentials | undefined, header: string | undefined): boolean {
  if (!credentials) return true;
  const { username, password, bearerToken } = credentials;
  if (bearerToken !== undefined && header === `Bearer ${bearerToken}`) return true;
  return username !== undefined && header === `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}

/** One CGI request, as git-http-backend(1) has it. */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'https://127.0.0.1');
  const { 'content-type': type = '', 'content-encoding': encoding = '', 'git-protocol': protocol = '' } = request.headers;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'], GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', REQUEST_METHOD: request.method, PATH_INFO: decodeURIComponent(pathname), QUERY_STRING: search.slice(1),
      CONTENT_TYPE: type, HTTP_CONTENT_ENCODING: encoding, GIT_PROTOCOL: String(protocol), REMOTE_USER: 'ada', REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  response.on('close', () => child.kill());
  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    writeHead(response, head.toString('latin1', 0, end));
    child.stdout.off('data', readHead);
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', readHead);
  return new Promise((resolve) => {
    child.on('close', () => {
      response.end();
      resolve();
    });
  });
}

function writeHead(response: ServerResponse, head: string): void {
  for (const line of head.split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*/, 2);
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function refsOf(directory: string): ReadonlyMap<string, string> {
  const lines = execFileSync('git', ['-C', directory, 'for-each-ref', '--format=%(refname) %(objectname)'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

function movedRefs(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly RefUpdate[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.map((ref) => ({ ref, before: before.get(ref) ?? NONE, after: after.get(ref) ?? NONE })).filter((update) => update.before !== update.after);
}
