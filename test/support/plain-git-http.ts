import { execFileSync, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from './temporary-directory.ts';

/** A bare repository behind `git http-backend`, on the loopback and without TLS: for what is done to a remote rather than how it is reached. */
export interface PlainGitHttp {
  readonly url: string;
  /** The bare repository. */
  readonly directory: string;
  /** Whether pushes are taken. */
  setWritable(isWritable: boolean): void;
  git(...args: readonly string[]): string;
  /** Refuses connections from now on. */
  close(): Promise<void>;
}

/** `copyOf` is a repository whose branches it starts with. */
export async function startPlainGitHttp(t: Pick<ExecutionContext, 'teardown'>, copyOf: string): Promise<PlainGitHttp> {
  const root = temporaryDirectory('headway-git-http');
  const directory = join(root, 'repository.git');
  execFileSync('git', ['clone', '--quiet', '--bare', copyOf, directory]);
  const git = (...args: readonly string[]): string => execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('config', 'http.receivepack', 'true');
  const server = createServer((request, response) => backend(root, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  t.teardown(async () => {
    await close();
    await rm(root, { recursive: true, force: true });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/repository.git`, directory, git, close, setWritable: (isWritable) => void git('config', 'http.receivepack', String(isWritable)) };
}

/** CGI, as git-http-backend(1) has it. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const { 'content-type': type = '', 'content-encoding': encoding = '', 'git-protocol': protocol = '' } = request.headers;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'], GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', REQUEST_METHOD: request.method, PATH_INFO: pathname, QUERY_STRING: search.slice(1),
      CONTENT_TYPE: type, HTTP_CONTENT_ENCODING: encoding, GIT_PROTOCOL: String(protocol), REMOTE_ADDR: '127.0.0.1', REMOTE_USER: 'ada',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin).on('error', () => undefined);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(output);
    const end = all.indexOf('\r\n\r\n');
    const headers = all.toString('latin1', 0, Math.max(0, end)).split('\r\n').map((line) => line.split(/: (.*)/s) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1];
    response.writeHead(end < 0 ? 500 : Number(status?.split(' ', 1)[0] ?? 200), Object.fromEntries(headers.filter(([name]) => name !== 'Status' && name !== '')));
    response.end(all.subarray(end + 4));
  });
}
