import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { asError } from '#base/errors.ts';
import { DEFAULT_DATA_DIR, type Instance } from '#base/instance.ts';
import { UsageError } from './usage-error.ts';

export interface UserPlace {
  readonly isRoot: boolean;
  readonly home: string;
  readonly xdgDataHome: string | undefined;
}

const currentUser = (): UserPlace => ({ isRoot: process.getuid?.() === 0, home: homedir(), xdgDataHome: process.env['XDG_DATA_HOME'] });

/** Root's is the system's; everybody else's is where the XDG base directory specification puts a user's data. */
export function defaultDataDir({ isRoot, home, xdgDataHome }: UserPlace = currentUser()): string {
  if (isRoot) return DEFAULT_DATA_DIR;
  // The specification: a relative path is invalid and to be ignored.
  const base = xdgDataHome && isAbsolute(xdgDataHome) ? xdgDataHome : join(home, '.local/share');
  return join(base, 'headway');
}

/** The kernel's `sun_path`, less the ending zero byte. */
const MAX_SOCKET_PATH_BYTES = 107;
/** The longest name of a socket in the run directory. */
const LONGEST_SOCKET = 'containerd.sock.ttrpc';

/** Makes nothing: `up` must not leave a folder behind where it cannot start. @throws UsageError that says what to do */
export function requireUsableDataDir({ dataDir, runDir }: Instance): void {
  for (const directory of new Set([dataDir, runDir])) {
    let folder = directory;
    while (!existsSync(folder)) folder = dirname(folder);
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new UsageError(`cannot write to ${folder}, for the data directory ${dataDir} (${asError(cause).message}); choose a folder of your own with --data-dir, or run it as root`, { cause });
    }
  }
  const longest = Buffer.byteLength(join(runDir, LONGEST_SOCKET));
  if (longest > MAX_SOCKET_PATH_BYTES) {
    throw new UsageError(`the path of ${runDir} is too long for sockets: the kernel allows ${MAX_SOCKET_PATH_BYTES} bytes, and there it would be ${longest}; choose a shorter --data-dir`);
  }
}
