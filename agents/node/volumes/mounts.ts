import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Pod, VolumeMount } from '#api/generated/core/v1.ts';
import { ContainerConfigError } from '../containers/config-error.ts';
import { expand } from '../containers/expansion.ts';
import type { PodPaths } from '../pods/pod-paths.ts';
import * as cri from '../runtime/generated/cri.ts';
import type { DeepPartial } from '../runtime/generated/cri.ts';
import { isPayloadVolume } from './payload.ts';
import type { PodVolumes } from './pod-volumes.ts';

export interface MountOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly env: ReadonlyMap<string, string>;
  readonly volumes: PodVolumes;
  readonly paths: PodPaths;
}

const PROPAGATION = {
  None: cri.MountPropagation.PROPAGATION_PRIVATE,
  HostToContainer: cri.MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
  Bidirectional: cri.MountPropagation.PROPAGATION_BIDIRECTIONAL,
} as const;

/** What a container sees of the node: its volumes, /etc/hosts and the file of its last words. Throws {@link ContainerConfigError}. */
export async function containerMounts(options: MountOptions): Promise<readonly DeepPartial<cri.Mount>[]> {
  const { container, attempt, paths } = options;
  const own = container.volumeMounts ?? [];
  const mounts = await Promise.all(own.map((mount) => volumeMount(options, mount)));
  const isTaken = (path: string): boolean => own.some((m) => m.mountPath === path);
  const terminationPath = container.terminationMessagePath ?? '/dev/termination-log';
  return [
    ...mounts,
    ...(isTaken('/etc/hosts') ? [] : [{ containerPath: '/etc/hosts', hostPath: paths.etcHosts }]),
    ...(isTaken(terminationPath) ? [] : [{ containerPath: terminationPath, hostPath: paths.terminationMessage(container.name, attempt) }]),
  ];
}

async function volumeMount(options: MountOptions, mount: VolumeMount): Promise<DeepPartial<cri.Mount>> {
  const volume = options.pod.spec.volumes?.find((v) => v.name === mount.name);
  if (!volume) throw configError(options, `volume "${mount.name}" of the mount at ${mount.mountPath} does not exist`);
  const subPath = mount.subPathExpr ? expand(mount.subPathExpr, options.env) : (mount.subPath ?? '');
  const root = options.volumes.path(volume);
  return {
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    hostPath: subPath === '' ? root : await subPathOf(options, root, subPath),
    // What the node writes into these volumes must stay as the API has it.
    readonly: (mount.readOnly ?? false) || isPayloadVolume(volume),
    propagation: PROPAGATION[mount.mountPropagation ?? 'None'],
    recursiveReadOnly: mount.recursiveReadOnly === 'Enabled',
  };
}

/** Links below the volume are followed here, so that none of them leads a container out of it. */
async function subPathOf(options: MountOptions, root: string, subPath: string): Promise<string> {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw configError(options, `subPath ${subPath} leaves its volume`);
  // A hostPath may have to be made; its own links are the node's, and trusted.
  if (!existsSync(root)) await mkdir(root, { recursive: true });
  let path = await realpath(root);
  const inside = `${path}/`;
  // Step by step: a folder must not be made through a link that leads out of the volume.
  for (const step of subPath.split('/').filter((s) => s !== '' && s !== '.')) {
    path = await realpath(await existing(join(path, step)));
    if (!`${path}/`.startsWith(inside)) throw configError(options, `subPath ${subPath} leaves its volume`);
  }
  return path;
}

async function existing(path: string): Promise<string> {
  await mkdir(path, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return path;
}

const configError = (options: MountOptions, message: string): ContainerConfigError => new ContainerConfigError('CreateContainerConfigError', options.container.name, message);
