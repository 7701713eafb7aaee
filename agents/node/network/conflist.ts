export interface ConflistOptions {
  readonly networkName: string;
  readonly bridge: string;
  readonly podCidr: string;
  readonly gateway: string;
  readonly ipamDir: string;
  readonly mtu: number;
}

/**
 * The CNI network. Masquerade and host ports are rules of our own tables, not of plugins, whose iptables chains would outlive
 * us; containerd sets up the loopback device itself.
 */
export function conflist(options: ConflistOptions): string {
  const bridge = {
    type: 'bridge', bridge: options.bridge, isGateway: true, ipMasq: false, mtu: options.mtu,
    // A pod may reach itself through its service: the packet comes back on the port that it left.
    hairpinMode: true,
    ipam: {
      type: 'host-local', dataDir: options.ipamDir,
      ranges: [[{ subnet: options.podCidr, gateway: options.gateway }]], routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  return `${JSON.stringify({ cniVersion: '0.4.0', name: options.networkName, plugins: [bridge] }, null, 2)}\n`;
}
