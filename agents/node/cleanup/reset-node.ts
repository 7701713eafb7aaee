import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { containerdPaths } from '../containerd/paths.ts';
import { cleanNode } from './clean-node.ts';

/** Folders of the data directory that belong to the node; the rest is the control plane's. */
const NODE_FOLDERS = ['containerd', 'agent'];

/**
 * {@link cleanNode}, and then the node's files in the data directory, images included. Throws as that does, and then deletes none.
 */
export async function resetNode(instance: Instance, log: Logger, clock: Clock = systemClock): Promise<void> {
  await cleanNode(instance, log, clock);
  for (const path of [...NODE_FOLDERS.map((folder) => join(instance.dataDir, folder)), containerdPaths(instance).logFile]) {
    rmSync(path, { recursive: true, force: true });
  }
  log.info('The node was reset', { dataDir: instance.dataDir });
}
