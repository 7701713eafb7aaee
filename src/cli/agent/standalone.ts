import { join } from 'node:path';
import { systemClock } from '#base/clock.ts';
import { instanceOf } from '#base/instance.ts';
import { createLogger } from '#base/logger.ts';
import { kubeconfigPath, readKubeconfig } from '../kubeconfig.ts';
import { requireNode } from '../preflight.ts';
import { endOnDefect, onStopSignal } from '../process-events.ts';
import { pidFileOf } from '../supervisor/cluster.ts';
import { Supervised } from '../supervisor/supervised.ts';
import type { ClusterOptions } from '../up-options.ts';

/** `headway agent --simulate N`: ends on Ctrl-C; the Node objects stay, and become NotReady. */
export async function runSimulatedNodes(cluster: ClusterOptions, options: { readonly count: number; readonly kubeconfig: string | undefined }): Promise<void> {
  const { startSimulatedAgent } = await import('./simulated-agent.ts');
  const log = createLogger({ level: cluster.logLevel });
  endOnDefect(log);
  const access = readKubeconfig(options.kubeconfig ?? kubeconfigPath(cluster.dataDir));
  const agent = startSimulatedAgent({
    count: options.count, access, log,
    onRegistered: () => process.stdout.write(`${options.count} simulated nodes are registered with ${access.server}; Ctrl-C ends them\n`),
  });
  onStopSignal(log, () => agent.close());
}

/** `headway agent`: this machine's agent and its containerd. Ends on Ctrl-C; containers go on. */
export async function runNode(cluster: ClusterOptions): Promise<void> {
  await requireNode(cluster);
  const instance = instanceOf(cluster.dataDir);
  const log = createLogger({ level: cluster.logLevel });
  endOnDefect(log);
  const [{ startRealAgent }, { startContainerd }] = await Promise.all([import('./real-agent.ts'), import('#agents/node/containerd/start-containerd.ts')]);
  const containerd = new Supervised({
    name: 'containerd', pidFile: pidFileOf(instance, 'containerd'), start: () => startContainerd({ instance, log }), clock: systemClock, log,
  });
  await containerd.start();
  const agent = await startRealAgent(cluster, log).catch(async (thrown: unknown) => {
    await containerd.stop();
    throw thrown;
  });
  onStopSignal(log, async () => {
    await agent.close();
    await containerd.stop();
  });
  process.stdout.write(`node ${cluster.nodeName}: working; logs of containerd in ${join(cluster.dataDir, 'logs')}; Ctrl-C ends the agent, containers go on\n`);
}
