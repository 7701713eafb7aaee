import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { systemEnvironment } from '#agents/node/system/environment.ts';
import { requireRepository } from './repository-check.ts';
import type { ClusterOptions } from './up-options.ts';
import { UsageError } from './usage-error.ts';

/** Programs by what they are for; the CNI plugins are looked up by the agent. */
const CONTROL_PLANE_TOOLS = { 'redis-server': 'redis-server', git: 'git' } as const;
const NODE_TOOLS = { containerd: 'containerd', runc: 'runc', nft: 'nftables', ip: 'iproute2' } as const;

/** Checks what `up` cannot start without, before anything is started. @throws UsageError that says what to do */
export async function preflight(cluster: ClusterOptions): Promise<void> {
  requireTools(CONTROL_PLANE_TOOLS);
  await Promise.all([
    cluster.simulatedNodes === 0 ? requireNode(cluster) : undefined,
    requireRepository(cluster),
    requireFreePort(cluster.apiPort, '--port', 'the API server'),
  ]);
}

/** What running containers takes. @throws UsageError that says what to do */
export async function requireNode(cluster: ClusterOptions): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new UsageError('running containers needs root: use sudo, or try "headway up --nodes simulated:3", which needs none');
  }
  requireTools(NODE_TOOLS);
  requireCgroups();
  await requireFreePort(cluster.agentPort, '--agent-port', 'the node agent');
}

function requireTools(tools: Readonly<Record<string, string>>): void {
  const missing = Object.entries(tools).filter(([program]) => !isOnPath(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name).join(' ');
  throw new UsageError(`not installed: ${missing.map(([program]) => program).join(', ')}; run "npm start", which installs them, or: apt-get install ${packages}`);
}

function isOnPath(program: string): boolean {
  return (systemEnvironment()['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function requireCgroups(): void {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' '));
  const isMounted = mounts.some(([, , type, options]) => type === 'cgroup2' || (type === 'cgroup' && options?.split(',').includes('memory')));
  if (!isMounted) throw new UsageError('no cgroups: neither a cgroup v2 hierarchy nor the v1 memory controller is mounted; mount one (systemd does), or run the container that you are in with its cgroups');
}

async function requireFreePort(port: number, flag: string, owner: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (cause) {
    throw new UsageError(`port ${port} of 127.0.0.1, for ${owner}, is taken; end what uses it ("ss -ltnp sport = :${port}" names it) or choose another with ${flag}`, { cause });
  } finally {
    server.close();
  }
}
