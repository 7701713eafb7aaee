import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts } from './mounts.ts';

/** The folder of `root` in each cgroup hierarchy (one a controller in version 1), where it exists. */
export function cgroupFolders(root: string): readonly string[] {
  const hierarchies = readMounts().filter(({ fileSystem }) => fileSystem === 'cgroup' || fileSystem === 'cgroup2');
  return hierarchies.map(({ path }) => join(path, root)).filter((folder) => existsSync(folder));
}

/** Processes in the folder and all below it. */
export function cgroupPids(folder: string): readonly number[] {
  const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter((line) => line !== '').map(Number);
  return [...own, ...children(folder).flatMap(cgroupPids)];
}

/** Removes the folder and all below it; throws EBUSY while a process is inside. */
export function removeCgroup(folder: string): void {
  for (const child of children(folder)) removeCgroup(child);
  rmdirSync(folder);
}

const children = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
