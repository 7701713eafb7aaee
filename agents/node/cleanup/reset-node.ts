import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { containerdPaths } from '../containerd/paths.ts';
import { cgroupFolders, removeCgroup } from './cgroups.ts';
import { unmountBelow } from './mounts.ts';
import { removeNetwork } from './network.ts';
import { killProcesses, shimSockets } from './processes.ts';
import { removeIfEmpty } from './remove-if-empty.ts';

/** Folders of the data directory that belong to the node; the rest is the control plane's. */
const NODE_FOLDERS = ['containerd', 'network', 'agent'];

/**
 * Removes everything that this instance made on the machine as a node: containerd, shims, containers, mounts, network, cgroups,
 * the run directory and the node's folders of the data directory. Containers are killed, not asked. Works whether or not anything
 * runs, may be repeated, and touches nothing that is not named from the instance. The agent must have ended before.
 * Throws when a mount or a cgroup cannot be removed; then no file below it is deleted.
 */
export async function resetNode(instance: Instance, log: Logger, clock: Clock = systemClock): Promise<void> {
  const sockets = shimSockets(instance);
  await killProcesses(instance, clock);
  for (const directory of [instance.runDir, instance.dataDir]) await unmountBelow(directory, log);
  await removeNetwork(instance);
  for (const folder of cgroupFolders(instance.cgroupRoot)) removeCgroup(folder);
  for (const socket of sockets) rmSync(socket, { force: true });
  removeIfEmpty(...new Set(sockets.flatMap((socket) => [dirname(socket), dirname(dirname(socket))])));
  // Only now that nothing is mounted below them: a removal would go on into what a volume has mounted there.
  for (const path of [instance.runDir, ...NODE_FOLDERS.map((folder) => join(instance.dataDir, folder)), containerdPaths(instance).logFile]) {
    rmSync(path, { recursive: true, force: true });
  }
  log.info('The node was reset', { dataDir: instance.dataDir });
}
