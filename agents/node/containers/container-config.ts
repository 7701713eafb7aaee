import type { Container, Pod } from '#api/generated/core/v1.ts';
import type { PodPaths } from '../pods/pod-paths.ts';
import { CONTAINER_NAME_LABEL, POD_NAMESPACE_LABEL, POD_NAME_LABEL, POD_UID_LABEL, type ContainerConfig, type RuntimeImage } from '../runtime/container-runtime.ts';
import * as cri from '../runtime/generated/cri.ts';
import type { DeepPartial } from '../runtime/generated/cri.ts';
import { expand } from './expansion.ts';
import type { LinuxResources } from './resources.ts';
import { containerSecurity } from './security.ts';
import { CONTAINER_HASH_ANNOTATION, containerHash, TERMINATION_PATH_ANNOTATION } from './spec-hash.ts';

export interface ContainerConfigOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly image: RuntimeImage;
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly DeepPartial<cri.Mount>[];
  readonly resources: LinuxResources;
  readonly paths: PodPaths;
}

export function containerConfig(options: ContainerConfigOptions): ContainerConfig {
  const { pod, container, attempt, env, image, paths } = options;
  const { name, namespace = '', uid = '' } = pod.metadata;
  const expanded = (words: readonly string[] | undefined): string[] => (words ?? []).map((word) => expand(word, env));
  return {
    metadata: { name: container.name, attempt },
    image: { image: image.id, userSpecifiedImage: container.image ?? '' },
    command: expanded(container.command),
    args: expanded(container.args),
    workingDir: container.workingDir ?? '',
    envs: [...env].map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: [...options.mounts],
    labels: { [CONTAINER_NAME_LABEL]: container.name, [POD_NAME_LABEL]: name, [POD_NAMESPACE_LABEL]: namespace, [POD_UID_LABEL]: uid },
    annotations: { [CONTAINER_HASH_ANNOTATION]: containerHash(container), [TERMINATION_PATH_ANNOTATION]: paths.terminationMessage(container.name, attempt) },
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: { resources: options.resources, securityContext: containerSecurity(pod, container, image) },
  };
}
