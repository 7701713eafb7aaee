import { spawn } from 'node:child_process';
import { SourceError } from '../errors.ts';
import { redactCredentials } from '../source/git-command.ts';

export interface UserGitOptions {
  readonly gitBinary: string;
  /** Default: the repository around the call's `cwd`. */
  readonly gitDir?: string;
}

export interface UserGitCall {
  readonly env?: Readonly<Record<string, string>>;
  /** Configuration for this call, by environment, so that a URL with credentials is not seen in the process list. */
  readonly config?: Readonly<Record<string, string>>;
  /** For standard input. */
  readonly input?: string;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** How git ended; what it said holds no credentials. */
export interface GitOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** These would lead git to another repository, or to another state of this one. */
const OF_ANOTHER_REPOSITORY = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_COMMON_DIR', 'GIT_NAMESPACE', 'GIT_PREFIX', 'GIT_QUARANTINE_PATH'];

/**
 * git as the person at the terminal runs it: with their configuration, credential helpers, agents and signing keys. For what is done
 * in their name; what only reads runs without all that.
 */
export class UserGit {
  readonly #options: UserGitOptions;

  constructor(options: UserGitOptions) {
    this.#options = options;
  }

  get gitBinary(): string {
    return this.#options.gitBinary;
  }

  /** Resolves however git ends. @throws SourceError GitMissing; the signal's reason when aborted */
  async try(args: readonly string[], call: UserGitCall = {}): Promise<GitOutcome> {
    const { gitBinary, gitDir } = this.#options;
    call.signal?.throwIfAborted();
    const child = spawn(gitBinary, [...args], { env: environment(gitDir, call), cwd: call.cwd ?? gitDir ?? '/', stdio: ['pipe', 'pipe', 'pipe'], ...(call.signal ? { signal: call.signal } : {}) });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // git may end before it has read all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(call.input ?? '');
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
      });
      return { code: code ?? 1, stdout: Buffer.concat(stdout).toString(), stderr: redactCredentials(Buffer.concat(stderr).toString().trim()) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new SourceError('GitMissing', `${gitBinary} is not installed`, { cause: error });
      throw error;
    }
  }

  /** Standard output without the white space at its end. @throws SourceError GitFailed with git's words, GitMissing */
  async run(args: readonly string[], call: UserGitCall = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, call);
    if (code !== 0) throw new SourceError('GitFailed', `git ${args[0]}: ${stderr || `exit code ${code}`}`);
    return stdout.trimEnd();
  }
}

function environment(gitDir: string | undefined, { env = {}, config = {} }: UserGitCall): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_ANOTHER_REPOSITORY.includes(name)));
  const before = Number(own['GIT_CONFIG_COUNT'] ?? 0);
  const entries = Object.entries(config);
  return {
    ...own, ...(gitDir === undefined ? {} : { GIT_DIR: gitDir }), LC_ALL: 'C', ...(process.stdin.isTTY ? {} : { GIT_TERMINAL_PROMPT: '0' }),
    GIT_CONFIG_COUNT: String(before + entries.length),
    ...Object.fromEntries(entries.flatMap(([key, value], i) => [[`GIT_CONFIG_KEY_${before + i}`, key], [`GIT_CONFIG_VALUE_${before + i}`, value]])),
    ...env,
  };
}
