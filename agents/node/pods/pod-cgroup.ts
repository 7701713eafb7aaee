import { cgroupFolders, removeCgroup } from '../cleanup/cgroups.ts';

/** Removes a pod's cgroup from every hierarchy. What a process still holds is left: a reset of the node finds it. */
export function removePodCgroup(path: string): void {
  for (const folder of cgroupFolders(path)) {
    try {
      removeCgroup(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
