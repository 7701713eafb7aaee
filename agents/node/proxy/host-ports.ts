import type { Pod } from '#api/generated/core/v1.ts';
import { keyOf } from '#api/object.ts';
import { type Protocol, type ServicePort, isIPv4 } from './service-port.ts';

/**
 * The ports of the node that lead to containers of a pod on it: services with one endpoint, whose clients keep their address.
 * None while the pod has no address, or after it ended; a pod in the host's network needs none.
 */
export function hostPorts(pod: Pod): readonly ServicePort[] {
  const podIP = pod.status?.podIP;
  if (!isIPv4(podIP) || pod.spec.hostNetwork || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return [];
  const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((container) => container.ports ?? []);
  return ports.flatMap((port): readonly ServicePort[] => {
    if (!port.hostPort) return [];
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as Protocol;
    const ip = isIPv4(port.hostIP) && port.hostIP !== '0.0.0.0' ? port.hostIP : undefined;
    return [{
      name: `pod/${keyOf(pod)}/${protocol}/${ip ?? 'any'}/${port.hostPort}`,
      protocol, port: port.hostPort, nodePort: ip === undefined ? port.hostPort : undefined, externalIPs: ip === undefined ? [] : [ip],
      loadBalancerIPs: [], sourceRanges: [], isInternalLocal: false, isExternalLocal: true,
      endpoints: [{ ip: podIP, port: port.containerPort, isLocal: true }],
    }];
  });
}
