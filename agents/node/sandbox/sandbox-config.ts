import type { Pod } from '#api/generated/core/v1.ts';
import { groupsOf, podNamespaces, seccomp } from '../containers/security.ts';
import type { PodPaths } from '../pods/pod-paths.ts';
import { POD_NAMESPACE_LABEL, POD_NAME_LABEL, POD_UID_LABEL, type SandboxConfig } from '../runtime/container-runtime.ts';
import * as cri from '../runtime/generated/cri.ts';
import { podDns, type ClusterDns } from './dns.ts';

export interface SandboxOptions {
  readonly pod: Pod;
  readonly attempt: number;
  readonly paths: PodPaths;
  readonly dns: ClusterDns;
}

/** What the runtime is told of a pod. The same for every container of one sandbox. */
export function sandboxConfig({ pod, attempt, paths, dns }: SandboxOptions): SandboxConfig {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const security = pod.spec.securityContext ?? {};
  const isPrivileged = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].some((c) => c.securityContext?.privileged);
  return {
    metadata: { name, namespace, uid, attempt },
    // The node's own name space of host names when the pod shares its network.
    hostname: pod.spec.hostNetwork ? '' : podHostname(pod, dns.clusterDomain),
    logDirectory: paths.logs,
    dnsConfig: podDns(pod, dns),
    portMappings: portMappings(pod),
    labels: { ...pod.metadata.labels, [POD_NAME_LABEL]: name, [POD_NAMESPACE_LABEL]: namespace, [POD_UID_LABEL]: uid },
    annotations: { ...pod.metadata.annotations },
    linux: {
      cgroupParent: paths.cgroup,
      sysctls: Object.fromEntries((security.sysctls ?? []).map((s) => [s.name.replaceAll('/', '.'), s.value])),
      securityContext: {
        namespaceOptions: podNamespaces(pod),
        privileged: isPrivileged,
        seccomp: seccomp(security.seccompProfile ?? { type: 'RuntimeDefault' }),
        supplementalGroups: groupsOf(pod),
        ...(security.runAsUser === undefined ? {} : { runAsUser: { value: BigInt(security.runAsUser) } }),
        ...(security.runAsUser === undefined || security.runAsGroup === undefined ? {} : { runAsGroup: { value: BigInt(security.runAsGroup) } }),
      },
    },
  };
}

/** Linux takes at most 63 characters, and none of the last may be a dash. */
export function podHostname(pod: Pod, clusterDomain: string): string {
  const short = (pod.spec.hostnameOverride ?? pod.spec.hostname ?? pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '');
  const isQualified = pod.spec.setHostnameAsFQDN && pod.spec.subdomain && !pod.spec.hostnameOverride;
  return isQualified ? `${short}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : short;
}

function portMappings(pod: Pod): { protocol: cri.Protocol; containerPort: number; hostPort: number; hostIp: string }[] {
  if (pod.spec.hostNetwork) return [];
  const ports = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].flatMap((c) => c.ports ?? []);
  return ports.filter((p) => p.hostPort).map((p) => ({
    protocol: cri.Protocol[(p.protocol ?? 'TCP') as 'TCP' | 'UDP' | 'SCTP'], containerPort: p.containerPort, hostPort: p.hostPort ?? 0, hostIp: p.hostIP ?? '',
  }));
}
