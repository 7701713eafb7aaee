import { join } from 'node:path';
import type { Instance } from '#base/instance.ts';

/** Where a pod's files lie on this node. All but the logs go when the pod is cleaned up. */
export interface PodPaths {
  readonly root: string;
  readonly checkpoint: string;
  readonly volumes: string;
  readonly etcHosts: string;
  readonly logs: string;
  /** Below each controller's mount, or the one of cgroup v2. */
  readonly cgroup: string;
  terminationMessage(container: string, attempt: number): string;
}

export const podsDir = (instance: Instance): string => join(instance.dataDir, 'agent', 'pods');

export function podPaths(instance: Instance, pod: { readonly namespace: string; readonly name: string; readonly uid: string }, qosFolder: string): PodPaths {
  const root = join(podsDir(instance), pod.uid);
  return {
    root,
    checkpoint: join(root, 'pod.json'),
    volumes: join(root, 'volumes'),
    etcHosts: join(root, 'etc-hosts'),
    logs: join(instance.dataDir, 'logs', 'pods', `${pod.namespace}_${pod.name}_${pod.uid}`),
    cgroup: `/${instance.cgroupRoot}/${qosFolder}/pod${pod.uid}`,
    terminationMessage: (container, attempt) => join(root, 'containers', container, `termination-${attempt}`),
  };
}
