import { type Instance, instanceOf } from '#base/instance.ts';
import { silentLogger } from '#base/logger.ts';
import { PARTS, pidFileOf } from './supervisor/cluster.ts';
import { endProcess, livePid } from './supervisor/pid-file.ts';

/** A graceful stop of all pods, 30 s by default each but all at once, and then of the processes. */
const STOP_TIMEOUT_MS = 90_000;

/** `headway down`. Also after a crash: whatever still runs is ended, and the node is cleaned. */
export async function down(flags: { readonly dataDir: string; readonly keepPods?: true }): Promise<void> {
  const instance = instanceOf(flags.dataDir);
  const wasRunning = await stopAll(instance, flags);
  process.stdout.write(`${message(instance, wasRunning, flags.keepPods === true)}\n`);
}

/** Ends the processes and, unless they are kept, the pods; whether a supervisor was running. */
export async function stopAll(instance: Instance, flags: { readonly keepPods?: true }): Promise<boolean> {
  const wasRunning = livePid(pidFileOf(instance, 'headway')) !== undefined;
  await endProcess(pidFileOf(instance, 'headway'), { signal: flags.keepPods ? 'SIGTERM' : 'SIGUSR2', timeoutMs: STOP_TIMEOUT_MS });
  await Promise.all(PARTS.map((part) => endProcess(pidFileOf(instance, part), { timeoutMs: 10_000 })));
  // Without root there were no containers, and nothing of the machine was changed.
  const isRoot = process.getuid?.() === 0;
  if (!flags.keepPods && isRoot) {
    const { cleanNode } = await import('#agents/node/cleanup/clean-node.ts');
    await cleanNode(instance, silentLogger);
  }
  return wasRunning;
}

function message({ dataDir }: Instance, wasRunning: boolean, keepsPods: boolean): string {
  if (!wasRunning) return `Headway was not running on ${dataDir}${keepsPods ? '.' : '; what it may have left on this machine is gone.'}`;
  return keepsPods ? `Stopped; the pods keep running. The data is kept in ${dataDir}.` : `Stopped. The data is kept in ${dataDir}.`;
}
