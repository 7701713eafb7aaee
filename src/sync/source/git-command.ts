import { spawn } from 'node:child_process';
import { SourceError } from '../errors.ts';
import { failureReason } from './git-failure.ts';

export interface GitCommandOptions {
  readonly gitBinary: string;
  readonly gitDir?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Transports that git may use: `https:ssh`. Default none, so that no configuration of a foreign repository starts one. */
  readonly protocols?: string;
  /** Configuration passed by environment, so that a URL with credentials is not seen in the process list. */
  readonly config?: Readonly<Record<string, string>>;
  /** For standard input. Default: none. */
  readonly input?: Buffer;
  /** Further variables: how ssh is called, where keys are. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface GitResult {
  /** Null when a signal ended git. */
  readonly code: number | null;
  readonly stdout: Buffer;
  /** At most 8 KiB, credentials redacted. */
  readonly stderr: string;
}

/** Output kept in memory; git lists refs and file names here, never contents. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Explicit GIT_DIR: repositories of other users are read without git's ownership check, which guards against hooks and work trees; neither is used here. */
export function gitEnvironment({ gitDir, protocols, config = {}, environment = {} }: Pick<GitCommandOptions, 'gitDir' | 'protocols' | 'config' | 'environment'>): NodeJS.ProcessEnv {
  const { PATH, HOME, SSH_AUTH_SOCK, HTTPS_PROXY, HTTP_PROXY, NO_PROXY, https_proxy, http_proxy, no_proxy } = process.env;
  const inherited = { PATH, HOME, SSH_AUTH_SOCK, HTTPS_PROXY, HTTP_PROXY, NO_PROXY, https_proxy, http_proxy, no_proxy };
  const entries = Object.entries(config);
  return {
    ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)),
    ...(gitDir ? { GIT_DIR: gitDir } : {}),
    LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_NO_REPLACE_OBJECTS: '1',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=10 -oServerAliveInterval=10',
    GIT_ALLOW_PROTOCOL: protocols ?? 'none',
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(entries.flatMap(([key, value], i) => [[`GIT_CONFIG_KEY_${i}`, key], [`GIT_CONFIG_VALUE_${i}`, value]])),
    ...environment,
  };
}

/**
 * Runs git and resolves to its standard output.
 * @throws SourceError a {@link FetchReason} or GitFailed, with git's words; TimedOut, GitMissing; the signal's reason when aborted
 */
export async function runGit(args: readonly string[], options: GitCommandOptions): Promise<Buffer> {
  const { code, stdout, stderr } = await tryGit(args, options);
  if (code !== 0) throw new SourceError(failureReason(stderr), `git ${args[0]}: ${stderr || `exit code ${code}`}`);
  return stdout;
}

/**
 * Runs git where its failure is an answer.
 * @throws SourceError TimedOut, GitMissing; the signal's reason when aborted
 */
export async function tryGit(args: readonly string[], options: GitCommandOptions): Promise<GitResult> {
  options.signal?.throwIfAborted();
  const child = spawn(options.gitBinary, [...args], { env: gitEnvironment(options), cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  // git may end before it has read all.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  const out: Buffer[] = [];
  let size = 0;
  let errors = '';
  let timedOut = false;
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(() => { timedOut = true; kill(); }, options.timeoutMs);
  options.signal?.addEventListener('abort', kill, { once: true });
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES) kill();
    else out.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => { if (errors.length < 8192) errors += chunk.toString(); });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    options.signal?.throwIfAborted();
    if (timedOut) throw new SourceError('TimedOut', `git ${args[0]} did not finish in ${options.timeoutMs / 1000} s`);
    return { code, stdout: Buffer.concat(out), stderr: redactCredentials(errors.trim()) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new SourceError('GitMissing', `${options.gitBinary} is not installed`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
  }
}

/** `https://user:secret@host` becomes `https://***@host`, wherever it stands in a text. */
export const redactCredentials = (text: string): string => text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, '$1***@');
