import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Container, Pod } from '#api/generated/core/v1.ts';
import { asError } from '#base/errors.ts';
import type { NodeContext } from '../pods/node-context.ts';
import type { PodPaths } from '../pods/pod-paths.ts';
import type { RuntimeSandbox, SandboxConfig } from '../runtime/container-runtime.ts';
import type { PodEvents } from '../status/event-recorder.ts';
import { containerMounts } from '../volumes/mounts.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import { ContainerConfigError } from './config-error.ts';
import { containerConfig } from './container-config.ts';
import { containerEnv } from './env.ts';
import { etcHosts } from './etc-hosts.ts';
import { runHook } from './lifecycle-hooks.ts';
import { linuxResources } from './resources.ts';

export interface StartRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly sandbox: RuntimeSandbox;
  readonly sandboxConfig: SandboxConfig;
  readonly podIps: readonly string[];
  readonly paths: PodPaths;
  readonly volumes: PodVolumes;
  readonly events: PodEvents;
}

/** Makes and starts one container. Throws ImageError, {@link ContainerConfigError}. */
export async function startContainer(context: NodeContext, request: StartRequest): Promise<void> {
  const { pod, container, attempt, paths, events } = request;
  const { runtime } = context;
  const [image, env] = await Promise.all([
    context.images.ensure({ pod, container, sandbox: request.sandboxConfig, onEvent: (type, reason, message) => events(type, reason, message, container.name) }),
    environment(context, request),
    prepareFiles(request, context),
  ]);
  const mounts = await containerMounts({ pod, container, attempt, env, volumes: request.volumes, paths });
  const resources = linuxResources(pod, container, { memoryBytes: context.memoryBytes, minOomScoreAdj: context.minOomScoreAdj });
  const config = containerConfig({ pod, container, attempt, image, env, mounts, resources, paths });
  const id = await attemptTo('CreateContainerError', request, () => runtime.createContainer(request.sandbox.id, config, request.sandboxConfig));
  events('Normal', 'Created', `Created container: ${container.name}`, container.name);
  await attemptTo('RunContainerError', request, () => runtime.startContainer(id));
  events('Normal', 'Started', `Started container ${container.name}`, container.name);
  await postStart(context, request, id);
}

async function environment(context: NodeContext, { pod, container, podIps }: StartRequest): Promise<ReadonlyMap<string, string>> {
  await context.servicesKnown();
  const facts = { podIps, hostIp: context.hostIp, nodeName: context.nodeName, allocatable: context.allocatable };
  try {
    return await containerEnv({ pod, container, facts, objects: context.watches, services: context.services() });
  } catch (thrown) {
    if (thrown instanceof ContainerConfigError) throw thrown;
    throw new ContainerConfigError('CreateContainerConfigError', container.name, asError(thrown).message, { cause: thrown });
  }
}

async function prepareFiles({ pod, container, attempt, paths, podIps }: StartRequest, context: NodeContext): Promise<void> {
  const termination = paths.terminationMessage(container.name, attempt);
  await Promise.all([mkdir(dirname(termination), { recursive: true }), mkdir(join(paths.logs, container.name), { recursive: true })]);
  // The container may run as any user, and must be able to write its last words.
  await Promise.all([writeFile(termination, '', { mode: 0o666 }), writeFile(paths.etcHosts, await etcHosts(pod, podIps, context.dns.clusterDomain), { mode: 0o644 })]);
}

async function attemptTo<T>(reason: ContainerConfigError['reason'], { container, events }: StartRequest, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const { message } = asError(thrown);
    events('Warning', 'Failed', `Error: ${message}`, container.name);
    throw new ContainerConfigError(reason, container.name, message, { cause: thrown });
  }
}

async function postStart(context: NodeContext, request: StartRequest, id: string): Promise<void> {
  const { container, events, podIps } = request;
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const { runtime, clock, hostIp } = context;
  const result = await runHook(hook, { container, containerId: id, host: podIps[0] ?? hostIp, runtime, clock, timeoutMs: 10 * 60_000 });
  if (result.isSuccess) return;
  events('Warning', 'FailedPostStartHook', `PostStartHook failed: ${result.output}`, container.name);
  await runtime.stopContainer(id, request.pod.spec.terminationGracePeriodSeconds ?? 30);
}
