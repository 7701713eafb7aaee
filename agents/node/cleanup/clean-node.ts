import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { cgroupFolders, removeCgroup } from './cgroups.ts';
import { unmountBelow } from './mounts.ts';
import { removeNetwork } from './network.ts';
import { killProcesses, shimSockets } from './processes.ts';
import { removeIfEmpty } from './remove-if-empty.ts';

/**
 * Removes everything of this instance that the running machine holds: containerd, shims, containers (killed, not asked), mounts,
 * network with its addresses, cgroups and the run directory. Images and what else the data directory keeps stay. Works whether or
 * not anything runs, may be repeated, and touches nothing that is not named from the instance. The agent must have ended before.
 * Throws when a mount or a cgroup cannot be removed; then no file is deleted.
 */
export async function cleanNode(instance: Instance, log: Logger, clock: Clock = systemClock): Promise<void> {
  const sockets = shimSockets(instance);
  await killProcesses(instance, clock);
  for (const directory of [instance.runDir, instance.dataDir]) await unmountBelow(directory, log);
  await removeNetwork(instance);
  for (const folder of cgroupFolders(instance.cgroupRoot)) removeCgroup(folder);
  for (const socket of sockets) rmSync(socket, { force: true });
  removeIfEmpty(...new Set(sockets.flatMap((socket) => [dirname(socket), dirname(dirname(socket))])));
  // Only now that nothing is mounted below them: a removal would go on into what a volume has mounted there.
  for (const path of [instance.runDir, join(instance.dataDir, 'network')]) rmSync(path, { recursive: true, force: true });
}
