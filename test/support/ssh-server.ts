import { execFileSync, spawn } from 'node:child_process';
import { accessSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait.ts';

/** A real sshd on the loopback that lets one key in, to any repository of the machine. */
export interface SshServer {
  readonly port: number;
  /** `ssh://<user>@127.0.0.1:<port>/<path>` */
  url(path: string): string;
  /** The private key that may come in. */
  readonly identity: string;
  /** The line that a client needs to trust the server. */
  readonly knownHosts: string;
  /** Keys that nobody knows. */
  readonly stranger: { readonly identity: string; readonly publicKey: string };
}

export async function startSshServer(t: Pick<ExecutionContext, 'teardown'>): Promise<SshServer> {
  const directory = temporaryDirectory('headway-ssh');
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const makeKey = (name: string): { readonly path: string; readonly secret: string; readonly open: string } => {
    const path = join(directory, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
    return { path, secret: readFileSync(path, 'utf8'), open: readFileSync(`${path}.pub`, 'utf8') };
  };
  const [host, user, stranger] = [makeKey('host'), makeKey('user'), makeKey('stranger')];
  const port = await freePort();
  writeFileSync(join(directory, 'authorized_keys'), user.open, { mode: 0o600 });
  const config = join(directory, 'sshd_config');
  writeFileSync(config, [
    `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${host.path}`, `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`, `PidFile ${join(directory, 'pid')}`,
    'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password', '',
  ].join('\n'));
  // sshd of root drops its rights in this folder, which the package's service would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(findSshd(), ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  t.teardown(() => {
    child.kill('SIGKILL');
    return ended;
  });
  await waitFor(() => isOpen(port), { what: 'sshd to listen' }).catch((error: unknown) => { throw new Error(`sshd does not listen: ${said}`, { cause: error }); });
  return {
    port, identity: user.secret,
    url: (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`,
    knownHosts: `[127.0.0.1]:${port} ${host.open}`,
    stranger: { identity: stranger.secret, publicKey: stranger.open },
  };
}

/** sshd starts itself again for each connection, and needs its whole path for it. */
function findSshd(): string {
  const found = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, 'sshd')).find((path) => {
    try {
      accessSync(path);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error('sshd is not installed: apt-get install openssh-server');
  return found;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
