import { readFileSync } from 'node:fs';
import { APPLICATIONS, DEPLOYMENTS, JOBS, NODES, PODS, SERVICES } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import { connectToApi } from './api-connection.ts';
import { type ClusterState, summarize } from './control-plane/summary.ts';
import { kubeconfigPath, readKubeconfig } from './kubeconfig.ts';
import { PARTS, pidFileOf } from './supervisor/cluster.ts';
import { livePid } from './supervisor/pid-file.ts';
import { formatTable, statusLine, workloadTable } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** `headway status`: the processes with their memory, and what the cluster runs. */
export async function status(dataDir: string): Promise<void> {
  const instance = instanceOf(dataDir);
  process.stdout.write(`${processTable(instance)}\n\n`);
  if (livePid(pidFileOf(instance, 'control-plane')) === undefined) {
    throw new UsageError(`Headway does not run on ${dataDir}; start it with "headway up"`);
  }
  const summary = summarize(await clusterState(dataDir));
  process.stdout.write(`${statusLine(summary)}\n\n${workloadTable(summary)}\n`);
}

function processTable(instance: Instance): string {
  const rows = (['headway', ...PARTS] as const).map((part) => {
    const pid = livePid(pidFileOf(instance, part));
    return pid === undefined ? [part, '-', 'not running'] : [part, String(pid), `${residentMegabytes(pid)} MB`];
  });
  return formatTable(['PROCESS', 'PID', 'RESIDENT'], rows);
}

export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

async function clusterState(dataDir: string): Promise<ClusterState> {
  const { server, credentials } = readKubeconfig(kubeconfigPath(dataDir));
  const { client, close } = connectToApi(server, credentials, 'headway-status');
  const all = async <T extends KubeObject>(resource: ResourceType<T>): Promise<readonly T[]> => (await client.list(resource)).items;
  try {
    const [nodes, pods, applications, deployments, jobs, services] = await Promise.all([all(NODES), all(PODS), all(APPLICATIONS), all(DEPLOYMENTS), all(JOBS), all(SERVICES)]);
    return { nodes, pods, applications, deployments, jobs, services };
  } finally {
    await close();
  }
}
