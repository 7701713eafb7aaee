import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credentials } from './credentials.ts';
import type { GitCommandOptions } from './git-command.ts';
import type { KeyDirectory } from './key-directory.ts';

/** What git is called with so that it uses the credentials, and those only. */
export type AccessOptions = Pick<GitCommandOptions, 'config' | 'environment'>;

const SSH_OPTIONS = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=10', 'StrictHostKeyChecking=yes'];

/**
 * Credentials as git and ssh take them: headers by the environment, which only the own user may read, keys by files of mode 0600 in a
 * private directory. Nothing is ever in an argument.
 */
export class GitAccess {
  readonly options: AccessOptions;
  readonly #directory: string;

  private constructor(options: AccessOptions, directory: string) {
    this.options = options;
    this.#directory = directory;
  }

  static async open(credentials: Credentials, keys: KeyDirectory): Promise<GitAccess> {
    const directory = await keys.make();
    const write = async (name: string, content: string): Promise<string> => {
      const path = join(directory, name);
      await writeFile(path, content, { mode: 0o600 });
      return path;
    };
    if (credentials.type === 'none') return new GitAccess({}, directory);
    if (credentials.type === 'ssh') return new GitAccess({ environment: { GIT_SSH_COMMAND: sshCommand(await write('identity', credentials.identity), await write('known_hosts', credentials.knownHosts)) } }, directory);
    const { authorization, ca } = credentials;
    return new GitAccess({
      config: {
        // A redirection would take the header to another host.
        ...(authorization ? { 'http.extraHeader': `Authorization: ${authorization}`, 'http.followRedirects': 'false' } : {}),
        ...(ca ? { 'http.sslCAInfo': await write('ca.crt', ca) } : {}),
      },
    }, directory);
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** No configuration and no agent of the machine's user takes part. */
function sshCommand(identity: string, knownHosts: string): string {
  const options = [...SSH_OPTIONS, 'IdentitiesOnly=yes', 'IdentityAgent=none', 'GlobalKnownHostsFile=/dev/null', `UserKnownHostsFile="${knownHosts}"`];
  return ['ssh', '-F', '/dev/null', '-i', identity, ...options.flatMap((option) => ['-o', option])].map(quote).join(' ');
}

const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
