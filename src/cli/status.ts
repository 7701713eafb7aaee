import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { APPLICATIONS, DEPLOYMENTS, JOBS, NODES, PODS, SERVICES } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import { createClient } from '#client/create-client.ts';
import { httpTransport } from '#client/http-transport.ts';
import { type ClusterState, summarize } from './control-plane/summary.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { PARTS, pidFileOf } from './supervisor/cluster.ts';
import { livePid } from './supervisor/pid-file.ts';
import { formatTable, statusLine, workloadTable } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** `headway status`: the processes with their memory, and what the cluster runs. */
export async function status(dataDir: string): Promise<void> {
  const instance = instanceOf(dataDir);
  process.stdout.write(`${processTable(instance)}\n\n`);
  if (livePid(pidFileOf(instance, 'control-plane')) === undefined) {
    throw new UsageError(`Headway does not run on ${join(dataDir)}; start it with "headway up"`);
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

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }[];
  readonly users: readonly { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } }[];
}

async function clusterState(dataDir: string): Promise<ClusterState> {
  const { clusters: [cluster], users: [user] } = load(readKubeconfig(dataDir)) as Kubeconfig;
  if (!cluster || !user) throw new UsageError(`the kubeconfig of ${dataDir} names no cluster or no user; "headway up" writes it anew`);
  const pem = (base64: string): Buffer => Buffer.from(base64, 'base64');
  const transport = httpTransport({
    server: cluster.cluster.server, ca: pem(cluster.cluster['certificate-authority-data']),
    cert: pem(user.user['client-certificate-data']), key: pem(user.user['client-key-data']), userAgent: 'headway-status',
  });
  const client = createClient(transport);
  const all = async <T extends KubeObject>(resource: ResourceType<T>): Promise<readonly T[]> => (await client.list(resource)).items;
  try {
    const [nodes, pods, applications, deployments, jobs, services] = await Promise.all([all(NODES), all(PODS), all(APPLICATIONS), all(DEPLOYMENTS), all(JOBS), all(SERVICES)]);
    return { nodes, pods, applications, deployments, jobs, services };
  } finally {
    await transport.close();
  }
}
