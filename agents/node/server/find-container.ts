import type { ContainerStatus } from '#api/generated/core/v1.ts';
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

/** What the kubelet says of the reasons that need more words. */
const WAITING: Readonly<Record<string, string>> = { ErrImagePull: "image can't be pulled", ImagePullBackOff: 'trying and failing to pull image' };

/** Throws {@link HttpError} 404 for what the node does not have, 400 for what has not started. */
export async function findContainer(options: AgentServerOptions, address: ContainerAddress): Promise<FoundContainer> {
  const { name, instance, statusOf } = await lookUp(options, address);
  if (instance) return { instance, isRunning: () => instance.state === 'running' && statusOf()?.state?.running !== undefined && statusOf()?.containerID === `containerd://${instance.id}` };
  const place = `container "${name}" in pod "${address.name}"`;
  if (address.isPrevious) throw new HttpError(400, `previous terminated ${place} not found`);
  const reason = statusOf()?.state?.waiting?.reason ?? 'ContainerCreating';
  throw new HttpError(400, `${place} is waiting to start: ${WAITING[reason] ?? reason}`);
}

/**
 * The instance that runs now. Throws {@link HttpError} 404 when there is none, in the kubelet's words: kubectl would take a text with a
 * colon in it for the YAML of a Status, and show none of it.
 */
export async function findRunning(options: AgentServerOptions, address: Omit<ContainerAddress, 'isPrevious'>): Promise<RuntimeContainer> {
  const { name, instance } = await lookUp(options, { ...address, isPrevious: false });
  if (instance?.state !== 'running') throw new HttpError(404, `container not found ("${name}")`);
  return instance;
}

interface LookedUp {
  /** Of the container that is meant. */
  readonly name: string;
  readonly instance: RuntimeContainer | undefined;
  /** What the agent reports of it at present. */
  readonly statusOf: () => ContainerStatus | undefined;
}

async function lookUp({ manager, runtime }: AgentServerOptions, address: ContainerAddress): Promise<LookedUp> {
  const pod = manager.find(address.namespace, address.name, address.uid);
  if (!pod) throw new HttpError(404, `pod "${address.name}" not found`);
  const specs = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const name = address.container || (pod.spec.containers[0]?.name ?? '');
  if (!specs.some((c) => c.name === name)) throw new HttpError(404, `container ${name} not found in pod ${address.name}`);
  const instances = (await runtime.listContainers(pod.metadata.uid)).filter((c) => c.name === name);
  const newest = newestByName(instances).get(name);
  const instance = address.isPrevious ? newestByName(instances.filter((c) => c.id !== newest?.id)).get(name) : newest;
  const statusOf = (): ContainerStatus | undefined => {
    const status = manager.find(address.namespace, address.name, pod.metadata.uid)?.status;
    return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find((s) => s.name === name);
  };
  return { name, instance, statusOf };
}
