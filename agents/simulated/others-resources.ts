import type { Node } from '#api/generated/core/v1.ts';
import { NODES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { Informer } from '#client/informer.ts';
import { showsUsable, usableOfOthers } from '#agents/node/status/own-status.ts';
import { RESOURCES } from './node-objects.ts';

export interface OthersResourcesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodes: Informer<Node>;
  readonly names: readonly string[];
}

const RETRY_MS = 1_000;

/** Lets pods use what others say that a node has beyond its own, such as extended resources in its capacity: a kubelet makes all of them allocatable. */
export function offerOthersResources({ client, clock, log, nodes, names }: OthersResourcesOptions, signal: AbortSignal): void {
  const simulated = new Set(names);
  const onUpdate = (node: Node): void => {
    if (!simulated.has(node.metadata.name) || signal.aborted) return;
    const allocatable = usableOfOthers(node, { capacity: RESOURCES });
    if (showsUsable(node, allocatable)) return;
    client.patch(NODES, node.metadata, { type: 'merge', body: { status: { allocatable } } }, { subresource: 'status', signal }).catch((error: unknown) => {
      if (signal.aborted || isStatus(error, 'NotFound')) return;
      log.warn('cannot offer the resources of a simulated node', { node: node.metadata.name, error });
      clock.after(RETRY_MS, () => onUpdate(nodes.lister.get(node.metadata.name) ?? node));
    });
  };
  nodes.subscribe({ onAdd: onUpdate, onUpdate });
}
