import { readFile } from 'node:fs/promises';
import type { Pod } from '#api/generated/core/v1.ts';
import { podHostname } from '../sandbox/sandbox-config.ts';

/** /etc/hosts of a pod's containers: the node's own with host networking, else the pod's name and `hostAliases`. */
export async function etcHosts(pod: Pod, podIps: readonly string[], clusterDomain: string): Promise<string> {
  const aliases = (pod.spec.hostAliases ?? []).map((a) => `${a.ip}\t${(a.hostnames ?? []).join('\t')}`);
  const extra = aliases.length === 0 ? '' : `\n# Entries added by HostAliases.\n${aliases.join('\n')}\n`;
  if (pod.spec.hostNetwork) return `${await readFile('/etc/hosts', 'utf8')}${extra}`;
  const host = podHostname(pod, clusterDomain);
  const names = pod.spec.subdomain ? `${host}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}\t${host}` : host;
  const own = podIps.map((ip) => `${ip}\t${names}`);
  return ['# Kubernetes-managed hosts file.', '127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::\tip6-localnet', 'ff02::1\tip6-allnodes', 'ff02::2\tip6-allrouters', ...own, ''].join('\n') + extra;
}
