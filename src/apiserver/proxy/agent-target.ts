import type { Node } from '#api/generated/core/v1.ts';
import { AGENT_ADDRESS_ANNOTATION } from '#api/headway/v1/types.ts';
import { StatusError } from '#api/status-error.ts';

/** Where the agent of a node listens. */
export interface AgentTarget {
  readonly host: string;
  readonly port: number;
}

/** PEM: the authority that signed the agents' certificates, and the API server's own client certificate. */
export interface AgentTls {
  readonly ca: string | Buffer;
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** @throws StatusError ServiceUnavailable when the node tells no address or port (yet) */
export function agentTarget(node: Node): AgentTarget {
  const host = node.metadata.annotations?.[AGENT_ADDRESS_ANNOTATION] ?? node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address;
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port;
  if (!host || !port) throw new StatusError('ServiceUnavailable', `node ${node.metadata.name} has no agent address: it has not registered completely`);
  return { host, port };
}
