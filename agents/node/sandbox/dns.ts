import { readFileSync } from 'node:fs';
import type { Pod } from '#api/generated/core/v1.ts';

export interface ClusterDns {
  /** Addresses of the cluster's DNS; empty when it has none: pods then resolve as the node does. */
  readonly servers: readonly string[];
  /** `cluster.local` */
  readonly clusterDomain: string;
  /** The node's resolver file. */
  readonly resolvConf: string;
}

export interface DnsConfig {
  servers: string[];
  searches: string[];
  options: string[];
}

/** By `dnsPolicy`, then `dnsConfig` added. An image never sees the node's search list when it asks the cluster first. */
export function podDns(pod: Pod, cluster: ClusterDns): DnsConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  const isCluster = cluster.servers.length > 0 && (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork));
  const node = readResolver(cluster.resolvConf);
  const base = policy === 'None' ? { servers: [], searches: [], options: [] } : isCluster ? clusterFirst(pod, cluster, node) : node;
  const extra = pod.spec.dnsConfig;
  return {
    servers: [...new Set([...base.servers, ...(extra?.nameservers ?? [])])],
    searches: [...new Set([...base.searches, ...(extra?.searches ?? [])])],
    options: mergeOptions(base.options, extra?.options ?? []),
  };
}

function clusterFirst(pod: Pod, cluster: ClusterDns, node: DnsConfig): DnsConfig {
  const domain = cluster.clusterDomain;
  return {
    servers: [...cluster.servers],
    searches: [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...node.searches],
    options: ['ndots:5'],
  };
}

function mergeOptions(base: readonly string[], extra: readonly { readonly name?: string | undefined; readonly value?: string | undefined }[]): string[] {
  const options = new Map(base.map((o) => [o.split(':')[0] ?? '', o]));
  for (const { name = '', value } of extra) options.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return [...options.values()];
}

export function readResolver(file: string): DnsConfig {
  const config: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [key, ...values] = line.replace(/[#;].*$/, '').trim().split(/\s+/);
    if (key === 'nameserver') config.servers.push(...values.slice(0, 1));
    if (key === 'search' || key === 'domain') config.searches = values.filter((v) => v !== '.');
    if (key === 'options') config.options.push(...values);
  }
  return config;
}
