import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import { run } from '../system/run.ts';
import { type Cidr, parseCidr } from './cidr.ts';
import { conflist } from './conflist.ts';
import { podNetworkPaths } from './paths.ts';
import { podRules } from './pod-rules.ts';

export interface PodNetworkOptions {
  readonly instance: Instance;
  /** This node's pods. */
  readonly podCidr: string;
  /** All pods of the cluster; default the node's. */
  readonly clusterCidr?: string | undefined;
  /** Routed to the bridge, so that a host without a default route reaches services too. */
  readonly serviceCidr?: string | undefined;
  readonly log: Logger;
}

export interface PodNetwork {
  /** The host's address on the bridge: gateway of the pods, and source of the host's traffic to them. */
  readonly gateway: string;
  readonly mtu: number;
}

const DEFAULT_MTU = 1500;

/**
 * Brings the pod network to the state that the options describe: bridge, routing, masquerade and, last, the CNI network, from
 * which containerd knows that pods may start. May be called at any time; what is right already is left alone.
 * Throws InvalidCidr, CommandFailed.
 */
export async function ensurePodNetwork(options: PodNetworkOptions): Promise<PodNetwork> {
  const { instance, podCidr, log } = options;
  const paths = podNetworkPaths(instance);
  const cidr = parseCidr(podCidr);
  const mtu = await uplinkMtu();
  await ensureBridge(instance.bridge, cidr, mtu, options.serviceCidr);
  enable('/proc/sys/net/ipv4/ip_forward');
  const isFiltered = await filterBridge(instance.bridge);
  if (!isFiltered) log.warn('br_netfilter is missing: traffic between pods of this node through a service loses its source address');
  const clusterCidr = options.clusterCidr ?? podCidr;
  await run('nft', ['-f', '-'], { input: podRules({ table: paths.nftTable, bridge: instance.bridge, podCidr, clusterCidr, masqueradeOnBridge: !isFiltered }) });
  for (const directory of [paths.cniConfDir, paths.ipamDir]) mkdirSync(directory, { recursive: true });
  writeWhenChanged(paths.conflist, conflist({ ...paths, bridge: instance.bridge, podCidr, gateway: cidr.gateway, mtu }));
  return { gateway: cidr.gateway, mtu };
}

async function ensureBridge(bridge: string, cidr: Cidr, mtu: number, serviceCidr: string | undefined): Promise<void> {
  const address = `${cidr.gateway}/${cidr.prefixLength}`;
  const isNew = !existsSync(`/sys/class/net/${bridge}`);
  const stale = isNew ? [] : (await addressesOf(bridge)).filter((other) => other !== address);
  await run('ip', ['-batch', '-'], {
    input: [
      ...(isNew ? [`link add ${bridge} type bridge`] : []),
      ...stale.map((other) => `address del ${other} dev ${bridge}`),
      `address replace ${address} dev ${bridge}`,
      `link set ${bridge} mtu ${mtu} up`,
      ...(serviceCidr ? [`route replace ${serviceCidr} dev ${bridge} src ${cidr.gateway}`] : []),
      '',
    ].join('\n'),
  });
}

async function addressesOf(device: string): Promise<readonly string[]> {
  const links = JSON.parse(await run('ip', ['-json', '-4', 'address', 'show', 'dev', device])) as readonly { addr_info?: readonly { local: string; prefixlen: number }[] }[];
  return links.flatMap((link) => link.addr_info ?? []).map((info) => `${info.local}/${info.prefixlen}`);
}

/** That of the default route's device: larger packets would have to be split on the way out. */
async function uplinkMtu(): Promise<number> {
  const routes = JSON.parse((await run('ip', ['-json', '-4', 'route', 'show', 'default'])) || '[]') as readonly { dev?: string }[];
  const device = routes[0]?.dev;
  return device === undefined ? DEFAULT_MTU : Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8'));
}

/** Has the bridge's own traffic pass the host's rules, on this bridge only. Returns whether the kernel can. */
async function filterBridge(bridge: string): Promise<boolean> {
  if (!existsSync('/proc/sys/net/bridge')) await run('modprobe', ['br_netfilter']).catch(() => '');
  const file = `/sys/class/net/${bridge}/bridge/nf_call_iptables`;
  if (!existsSync('/proc/sys/net/bridge') || !existsSync(file)) return false;
  enable(file);
  return true;
}

function enable(file: string): void {
  if (readFileSync(file, 'utf8').trim() !== '1') writeFileSync(file, '1');
}

/** Replaced as a whole: containerd watches the folder and must never read half of a file. */
function writeWhenChanged(path: string, content: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  replaceFileSync(path, content, 0o644);
}
