import type { Binding } from '#api/generated/core/v1.ts';
import { PODS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import type { PodInfo } from './framework/pod-info.ts';

/**
 * Writes the decision. The API takes it only while the pod, with this UID, has no node: of two schedulers that decide one pod, one
 * gets a Conflict.
 */
export async function bind(client: Client, { pod, uid }: PodInfo, nodeName: string): Promise<void> {
  const { namespace, name = '' } = pod.metadata;
  const binding: Binding = {
    apiVersion: 'v1', kind: 'Binding', metadata: { ...(namespace === undefined ? {} : { namespace }), name, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  };
  await client.createSubresource(PODS, { namespace, name }, 'binding', binding);
}
