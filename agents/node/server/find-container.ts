import { newestByName } from '../pods/pod-plan.ts';
import type { RuntimeContainer } from '../runtime/container-runtime.ts';
import type { AgentServerOptions } from './agent-server-options.ts';
import { HttpError } from './http-error.ts';

export interface ContainerAddress {
  readonly namespace: string;
  readonly name: string;
  /** Of the pod; checked when given. */
  readonly uid?: string | undefined;
  /** May be empty when the pod has one container. */
  readonly container: string;
  /** The instance before the newest, which ended. */
  readonly isPrevious: boolean;
}

export interface FoundContainer {
  readonly instance: RuntimeContainer;
  /** Whether more may still come from it. */
  readonly isRunning: () => boolean;
}

/** Throws {@link HttpError} 404 for what the node does not have, 400 for what has not started. */
export async function findContainer(options: AgentServerOptions, address: ContainerAddress): Promise<FoundContainer> {
  const { manager, runtime } = options;
  const pod = manager.find(address.namespace, address.name, address.uid);
  if (!pod) throw new HttpError(404, `pod "${address.name}" not found`);
  const specs = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const name = address.container || (pod.spec.containers[0]?.name ?? '');
  if (!specs.some((c) => c.name === name)) throw new HttpError(404, `container ${name} not found in pod ${address.name}`);
  const instances = (await runtime.listContainers(pod.metadata.uid)).filter((c) => c.name === name);
  const newest = newestByName(instances).get(name);
  const instance = address.isPrevious ? newestByName(instances.filter((c) => c.id !== newest?.id)).get(name) : newest;
  if (!instance) {
    const which = address.isPrevious ? 'previous terminated container' : 'container';
    throw new HttpError(400, `${which} "${name}" in pod "${address.name}" ${address.isPrevious ? 'not found' : 'is waiting to start: ContainerCreating'}`);
  }
  const statusOf = () => {
    const status = manager.find(address.namespace, address.name, pod.metadata.uid)?.status;
    return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find((s) => s.name === name);
  };
  return { instance, isRunning: () => instance.state === 'running' && statusOf()?.state?.running !== undefined && statusOf()?.containerID === `containerd://${instance.id}` };
}
