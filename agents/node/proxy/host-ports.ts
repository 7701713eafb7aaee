import { type Protocol, type ServicePort, isIPv4 } from './service-port.ts';

/** A port of the node that leads to a container of a pod on it. */
export interface HostPort {
  readonly protocol: Protocol;
  readonly hostPort: number;
  /** Default every address of the node. */
  readonly hostIP?: string | undefined;
  readonly podIP: string;
  readonly containerPort: number;
}

/** Host ports are services with one endpoint, on this node, whose clients keep their address. */
export function hostServicePorts(owner: string, ports: readonly HostPort[]): readonly ServicePort[] {
  return ports.map((port) => {
    const ip = isIPv4(port.hostIP) && port.hostIP !== '0.0.0.0' ? port.hostIP : undefined;
    return {
      name: `${owner.replace(':', '/')}/${port.protocol}/${ip ?? 'any'}/${port.hostPort}`,
      protocol: port.protocol, port: port.hostPort,
      nodePort: ip === undefined ? port.hostPort : undefined, externalIPs: ip === undefined ? [] : [ip],
      loadBalancerIPs: [], sourceRanges: [], isInternalLocal: false, isExternalLocal: true,
      endpoints: [{ ip: port.podIP, port: port.containerPort, isLocal: true }],
    };
  });
}
