import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DecryptionError } from './decryption-error.ts';

export interface PgpOptions {
  /** Holds a private keyring while it is used. */
  readonly workDir: string;
  /** Default `gpg`, from PATH. */
  readonly gpgBinary?: string;
}

/** gpg starts its agent and opens a key in well under a second; on a busy machine it takes longer. */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** The agent's sockets stand in the keyring, and a socket's path has at most 107 bytes. */
const MAX_HOME_BYTES = 107 - '/S.gpg-agent.browser'.length;
/** Never asks anybody, reads no configuration, and looks nothing up. */
const UNATTENDED = ['--batch', '--no-tty', '--quiet', '--no-options', '--pinentry-mode', 'loopback', '--passphrase', '', '--no-auto-key-retrieve', '--disable-dirmngr'];

/** PGP private keys, used by gpg in a keyring of their own that is there for the moment only. */
export class PgpKeys {
  readonly #keys: readonly string[];
  readonly #options: PgpOptions;

  /** `keys` are armored private keys without passphrase. */
  constructor(keys: readonly string[], options: PgpOptions) {
    this.#keys = keys;
    this.#options = options;
  }

  /** Undefined when no key fits. @throws DecryptionError InvalidKey: gpg is missing or cannot work here */
  async unwrap(wrapped: string): Promise<Buffer | undefined> {
    if (this.#keys.length === 0) return undefined;
    await mkdir(this.#options.workDir, { recursive: true, mode: 0o700 });
    const home = await mkdtemp(join(this.#options.workDir, 'gpg-'));
    try {
      if (Buffer.byteLength(home) > MAX_HOME_BYTES) throw new DecryptionError('InvalidKey', `PGP keys cannot be used: the path of ${this.#options.workDir} is too long for the sockets of gpg`);
      await this.#gpg(home, ['--import'], this.#keys.join('\n'));
      return await this.#gpg(home, ['--decrypt'], wrapped);
    } finally {
      await run('gpgconf', ['--homedir', home, '--kill', 'all'], '').catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    }
  }

  async #gpg(home: string, args: readonly string[], input: string): Promise<Buffer | undefined> {
    try {
      return await run(this.#options.gpgBinary ?? 'gpg', ['--homedir', home, ...UNATTENDED, ...args], input);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new DecryptionError('InvalidKey', 'PGP keys need gpg, which was not found on PATH of the control plane; install gnupg', { cause: error });
    }
  }
}

/** What the program writes; undefined when it fails. Its words are not kept: they may tell of the contents. */
async function run(program: string, args: readonly string[], input: string): Promise<Buffer | undefined> {
  const child = spawn(program, [...args], { cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'ignore'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const output: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) output.push(chunk);
  });
  // A program that ends early reads no more; its exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return code === 0 && size <= MAX_OUTPUT_BYTES ? Buffer.concat(output) : undefined;
  } finally {
    clearTimeout(timer);
  }
}
