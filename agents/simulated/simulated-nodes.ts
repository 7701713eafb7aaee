import { LEASES, NODES, PODS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { InformerFactory } from '#client/informer.ts';
import { renewLeases } from './node-leases.ts';
import { nodeAddress, nodeLease, simulatedNode } from './node-objects.ts';
import { offerOthersResources } from './others-resources.ts';
import { SimulatedPods } from './simulated-pods.ts';

export interface SimulatedNodesOptions {
  /** Acts for all the nodes: may write nodes, their leases, and the status of any pod, and delete pods. */
  readonly client: Client;
  /** Started by {@link startSimulatedNodes}; reads pods and nodes. */
  readonly informers: InformerFactory;
  readonly count: number;
  /** Nodes are named by it and a number from 0. Default `sim-`. */
  readonly namePrefix?: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** From binding to Running, milliseconds. Default 0. */
  readonly latencyMs?: number;
}

/** Nodes registered at once. */
const REGISTRATIONS = 32;

/**
 * Nodes without containers: they register, renew their leases, and report the pods that are bound to them as Running and Ready. One
 * watch of each kind serves all of them. Resolves when every node is registered; all ends with the signal, and the Node objects stay.
 * @throws StatusError when a node cannot be registered.
 */
export async function startSimulatedNodes(options: SimulatedNodesOptions, signal: AbortSignal): Promise<void> {
  const { client, informers, count, namePrefix = 'sim-', clock, log, latencyMs = 0 } = options;
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 19) throw new RangeError(`the number of simulated nodes must be from 1 to ${2 ** 19}, not ${count}`);
  const names = Array.from({ length: count }, (_, index) => `${namePrefix}${index}`);
  await inParallel(names, REGISTRATIONS, (name, index) => register(client, name, index, clock.now()));

  const addresses = new Map(names.map((name, index) => [name, nodeAddress(index)]));
  const pods = new SimulatedPods({ client, clock, log, latencyMs, hostIP: (nodeName) => addresses.get(nodeName) });
  informers.informer(PODS, { fieldSelector: 'spec.nodeName!=' }).subscribe(pods);
  offerOthersResources({ client, clock, log, nodes: informers.informer(NODES), names }, signal);
  informers.start(signal);
  signal.addEventListener('abort', () => pods.stop(), { once: true });
  void renewLeases({ client, clock, log, names }, signal);
  log.info('simulated nodes are registered', { count, namePrefix });
}

async function register(client: Client, name: string, index: number, nowMs: number): Promise<void> {
  const node = simulatedNode(name, index, nowMs);
  await ifAbsent(client.create(LEASES, nodeLease(name, nowMs)));
  if (await ifAbsent(client.create(NODES, node))) return;
  // Registered by an earlier run: ready again.
  await client.patch(NODES, { name }, { type: 'merge', body: { metadata: { labels: node.metadata.labels } } });
  await client.patch(NODES, { name }, { type: 'strategic', body: { status: node.status } }, { subresource: 'status' });
}

async function ifAbsent(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) return false;
    throw error;
  }
}

async function inParallel<T>(items: readonly T[], width: number, task: (item: T, index: number) => Promise<void>): Promise<void> {
  const entries = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of entries) await task(item, index);
  };
  await Promise.all(Array.from({ length: width }, work));
}
