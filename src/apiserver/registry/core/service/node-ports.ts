/** Ports of nodes that Services may have; both ends are among them. */
export interface NodePortRange {
  readonly first: number;
  readonly last: number;
}

/** Kubernetes' own. */
export const DEFAULT_NODE_PORTS: NodePortRange = { first: 30_000, last: 32_767 };
