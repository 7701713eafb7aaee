import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { DEFAULT_DATA_DIR } from '#base/instance.ts';
import { type Finding, judged } from './finding.ts';

/** API server and agent. */
const PORTS = [6443, 10_250];
const GIB = 2 ** 30;
/** Below it, a few images fill the disk, and a store that cannot write stops. */
const WANTED_BYTES = 5 * GIB;
const NEEDED_BYTES = GIB / 2;

export async function inspectResources(): Promise<readonly Finding[]> {
  return [...(await Promise.all(PORTS.map(inspectPort))), inspectDisk(DEFAULT_DATA_DIR)];
}

export async function inspectPort(port: number): Promise<Finding> {
  const problem = await bindProblem(port);
  // Taken may mean that Headway runs already: no reason to say that it cannot.
  return judged(`port ${port}`, problem === undefined, problem ?? 'free', {
    level: 'warn', cost: 'If that is not Headway itself, it cannot start with this port.', remedy: `See who listens: ss -ltnp sport = :${port}`,
  });
}

function bindProblem(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 'taken' : error.message));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  return promise;
}

export function inspectDisk(path: string): Finding {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return judged('disk', free >= WANTED_BYTES, `${(free / GIB).toFixed(1)} GiB free for ${path}`, {
    level: free < NEEDED_BYTES ? 'fail' : 'warn', cost: 'A full disk stops the store and evicts pods.', remedy: 'Free some space, or choose another folder with --data-dir.',
  });
}
