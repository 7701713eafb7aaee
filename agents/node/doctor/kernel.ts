import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMounts } from '../cleanup/mounts.ts';
import { hasCapSysResource, worksOverlay } from '../containerd/capabilities.ts';
import { run } from '../system/run.ts';
import { type Finding, good, judged } from './finding.ts';

/** Controllers without which requests and limits mean nothing. */
const NEEDED_CONTROLLERS = ['cpu', 'memory', 'pids'];

/** Tries each feature where that leaves nothing behind: what works is what counts, not what a configuration says. */
export async function inspectKernel(): Promise<readonly Finding[]> {
  const user = judged('user', process.geteuid?.() === 0, process.geteuid?.() === 0 ? 'root' : `uid ${process.geteuid?.()}`, {
    level: 'fail', cost: 'Containers, networks and mounts need root.', remedy: 'Run as root, or try simulated nodes: headway up --nodes simulated:1',
  });
  return [user, inspectCgroups(), inspectSysResource(), inspectForwarding(), inspectBridgeFilter(), ...(await Promise.all([inspectOverlay(), ...LINKS.map(inspectLink), inspectNft()]))];
}

export function inspectCgroups(mounts = readMounts()): Finding {
  const unified = mounts.find(({ path, fileSystem }) => fileSystem === 'cgroup2' && path === '/sys/fs/cgroup');
  const isV1 = mounts.some(({ fileSystem }) => fileSystem === 'cgroup');
  const has = (controller: string): boolean => (unified ? readFileSync(join(unified.path, 'cgroup.controllers'), 'utf8').split(/\s/).includes(controller) : existsSync(`/sys/fs/cgroup/${controller}`));
  const missing = NEEDED_CONTROLLERS.filter((controller) => !has(controller));
  if (!unified && !isV1) return judged('cgroups', false, 'not mounted', { level: 'fail', cost: 'No container can run.', remedy: 'Mount cgroup2 at /sys/fs/cgroup.' });
  const found = `version ${unified ? 2 : 1}${missing.length > 0 ? `, without ${missing.join(', ')}` : ''}`;
  return judged('cgroups', missing.length === 0, found, { level: 'fail', cost: 'Limits of containers cannot be set.', remedy: `Enable the controllers ${missing.join(', ')} in the kernel.` });
}

function inspectSysResource(): Finding {
  return judged('CAP_SYS_RESOURCE', hasCapSysResource(), hasCapSysResource() ? 'held' : 'missing', {
    level: 'warn', cost: 'Out of memory, the kernel may pick a more important pod first: scores below our own cannot be set.', remedy: 'Give the machine or container that capability.',
  });
}

function inspectForwarding(): Finding {
  const value = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim();
  // Not a lack: the agent turns it on. It is said because it stays on after a reset.
  return good('ip_forward', value === '1' ? 'on' : 'off; turned on when pods start');
}

function inspectBridgeFilter(): Finding {
  return judged('br_netfilter', existsSync('/proc/sys/net/bridge'), existsSync('/proc/sys/net/bridge') ? 'present' : 'not loaded', {
    level: 'warn', cost: 'If it cannot be loaded at start, traffic between pods of a node through a service loses its source address.', remedy: 'modprobe br_netfilter',
  });
}

async function inspectOverlay(): Promise<Finding> {
  const directory = mkdtempSync(join(tmpdir(), 'headway-doctor-'));
  try {
    const works = await worksOverlay(directory);
    return judged('overlayfs', works, works ? 'works' : 'does not work', {
      level: 'warn', cost: 'Every container gets a full copy of its image: slower starts, more disk.', remedy: 'modprobe overlay, and a data directory on ext4 or xfs.',
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const LINKS = [
  { name: 'bridge', lack: { level: 'fail', cost: 'Pods have no network.', remedy: 'modprobe bridge' } },
  { name: 'veth', args: ['peer', 'name', 'hwdoctor1'], lack: { level: 'fail', cost: 'Pods have no network.', remedy: 'modprobe veth' } },
  { name: 'vxlan', args: ['id', '1', 'dstport', '4789'], lack: { level: 'warn', cost: 'Pods of several nodes need routes on a common link.', remedy: 'modprobe vxlan' } },
] as const;

/** In a network namespace that ends with the command, so that nothing is left whatever happens. */
async function inspectLink(link: (typeof LINKS)[number]): Promise<Finding> {
  const args = 'args' in link ? link.args : [];
  const works = await worksInNamespace(['ip', 'link', 'add', 'hwdoctor0', 'type', link.name, ...args]);
  return judged(link.name, works, works ? 'works' : 'does not work', link.lack);
}

async function inspectNft(): Promise<Finding> {
  const works = await worksInNamespace(['nft', 'add table ip headway_doctor; add chain ip headway_doctor nat { type nat hook prerouting priority -100; }; add rule ip headway_doctor nat dnat to numgen random mod 1 map { 0 : 127.0.0.1 }']);
  return judged('nf_tables', works, works ? 'works' : 'does not work', { level: 'fail', cost: 'Services have no addresses.', remedy: 'modprobe nf_tables nft_chain_nat nft_numgen' });
}

const worksInNamespace = (command: readonly string[]): Promise<boolean> => run('unshare', ['--net', ...command]).then(() => true, () => false);
