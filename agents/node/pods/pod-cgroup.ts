import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const CGROUP_ROOT = '/sys/fs/cgroup';

/** Removes a pod's cgroup, with what is left below it, from cgroup v2 or from every controller of v1. */
export async function removeCgroup(path: string, root: string = CGROUP_ROOT): Promise<void> {
  const isUnified = existsSync(join(root, 'cgroup.controllers'));
  const mounts = isUnified ? [root] : (await readdir(root, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => join(root, e.name));
  await Promise.all(mounts.map((mount) => removeTree(join(mount, path))));
}

async function removeTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name));
  // Not there, or still in use by a process that ends now: a later clean-up finds it.
  await rmdir(directory).catch(() => {});
}
