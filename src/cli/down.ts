import { instanceOf } from '#base/instance.ts';
import { silentLogger } from '#base/logger.ts';
import { PARTS, pidFileOf } from './supervisor/cluster.ts';
import { endProcess, livePid } from './supervisor/pid-file.ts';

/** A graceful stop of all pods, 30 s by default each but all at once, and then of the processes. */
const STOP_TIMEOUT_MS = 90_000;

/** `headway down`. Also after a crash: whatever still runs is ended, and the node is cleaned. */
export async function down(flags: { readonly dataDir: string; readonly keepPods?: true }): Promise<void> {
  const instance = instanceOf(flags.dataDir);
  const wasRunning = livePid(pidFileOf(instance, 'headway')) !== undefined;
  await endProcess(pidFileOf(instance, 'headway'), { signal: flags.keepPods ? 'SIGTERM' : 'SIGUSR2', timeoutMs: STOP_TIMEOUT_MS });
  await Promise.all(PARTS.map((part) => endProcess(pidFileOf(instance, part), { timeoutMs: 10_000 })));
  if (!flags.keepPods) {
    const { cleanNode } = await import('#agents/node/cleanup/clean-node.ts');
    await cleanNode(instance, silentLogger);
  }
  process.stdout.write(wasRunning ? `Stopped. The data is kept in ${instance.dataDir}.\n` : 'Headway was not running; what it had left on this machine is cleaned up.\n');
}
