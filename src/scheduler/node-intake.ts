import type { Node } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import type { InformerHandler } from '#client/informer.ts';
import type { ClusterCache } from './cache/cluster-cache.ts';
import type { ClusterEvent } from './framework/plugin.ts';

export interface NodeIntakeOptions {
  readonly cache: ClusterCache;
  readonly onEvent: (event: ClusterEvent) => void;
}

/** Brings nodes from the watch into the cache. A heartbeat, which changes nothing here, costs a comparison. */
export function nodeIntake({ cache, onEvent }: NodeIntakeOptions): InformerHandler<Node> {
  return {
    onAdd(node) {
      cache.setNode(node);
      onEvent('node-add');
    },
    onUpdate(node, old) {
      const events = changes(node, old);
      if (events.length === 0 && jsonEqual(node.status?.images, old.status?.images)) return;
      cache.setNode(node);
      for (const event of events) onEvent(event);
    },
    onDelete: (node) => cache.removeNode(node.metadata.name ?? ''),
  };
}

function changes(node: Node, old: Node): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (!jsonEqual(node.status?.allocatable, old.status?.allocatable)) events.push('node-allocatable');
  if (!jsonEqual(node.metadata.labels, old.metadata.labels)) events.push('node-labels');
  if (!jsonEqual(node.spec?.taints, old.spec?.taints) || node.spec?.unschedulable !== old.spec?.unschedulable) events.push('node-taints');
  return events;
}
