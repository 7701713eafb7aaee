import type { Instance } from '#base/instance.ts';
import { requireUsableDataDir } from './data-dir.ts';
import { preflight } from './preflight.ts';
import { PARTS, pidFileOf } from './supervisor/cluster.ts';
import { endProcess, livePid } from './supervisor/pid-file.ts';
import type { ClusterOptions } from './up-options.ts';
import { UsageError } from './usage-error.ts';

/**
 * Whether `up` may start here: all that can be known before is said before anything is started or made.
 * One supervisor an installation; what a killed one left behind is ended first (never the containers).
 * @throws UsageError that says what to do
 */
export async function admit(cluster: ClusterOptions, instance: Instance): Promise<void> {
  requireNotRunning(instance);
  requireUsableDataDir(instance);
  await Promise.all(PARTS.map((part) => endProcess(pidFileOf(instance, part), { timeoutMs: 5000 })));
  await preflight(cluster);
}

export function requireNotRunning(instance: Instance): void {
  const pid = livePid(pidFileOf(instance, 'headway'));
  if (pid !== undefined) throw new UsageError(`Headway already runs on ${instance.dataDir} (process ${pid}); "headway status" shows it, "headway down" stops it`);
}
