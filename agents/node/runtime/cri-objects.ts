import * as cri from './generated/cri.ts';
import {
  CONTAINER_NAME_LABEL, POD_NAMESPACE_LABEL, POD_NAME_LABEL, POD_UID_LABEL, type RuntimeContainer, type RuntimeContainerState, type RuntimeImage,
  type RuntimeSandbox,
} from './container-runtime.ts';

const nanosToMs = (nanos: bigint): number => (nanos <= 0n ? 0 : Number(nanos / 1_000_000n));

export const sandboxOf = (s: cri.PodSandbox): RuntimeSandbox => ({
  id: s.id,
  podUid: s.labels[POD_UID_LABEL] ?? '',
  podName: s.labels[POD_NAME_LABEL] ?? '',
  podNamespace: s.labels[POD_NAMESPACE_LABEL] ?? '',
  attempt: s.metadata?.attempt ?? 0,
  isReady: s.state === cri.PodSandboxState.SANDBOX_READY,
  createdAt: nanosToMs(s.createdAt),
});

export const containerOf = (c: cri.ContainerStatus, sandboxId: string): RuntimeContainer => ({
  id: c.id,
  sandboxId,
  podUid: c.labels[POD_UID_LABEL] ?? '',
  name: c.labels[CONTAINER_NAME_LABEL] ?? c.metadata?.name ?? '',
  attempt: c.metadata?.attempt ?? 0,
  state: stateOf(c.state),
  createdAt: nanosToMs(c.createdAt),
  startedAt: nanosToMs(c.startedAt),
  finishedAt: nanosToMs(c.finishedAt),
  exitCode: c.exitCode,
  reason: c.reason,
  message: c.message,
  imageId: c.imageRef,
  logPath: c.logPath,
  annotations: c.annotations,
});

export const imageOf = (i: cri.Image): RuntimeImage => ({
  id: i.id,
  names: i.repoTags,
  digests: i.repoDigests,
  sizeBytes: Number(i.size),
  uid: i.uid ? Number(i.uid.value) : undefined,
  username: i.username,
});

function stateOf(state: cri.ContainerState): RuntimeContainerState {
  switch (state) {
    case cri.ContainerState.CONTAINER_CREATED: return 'created';
    case cri.ContainerState.CONTAINER_RUNNING: return 'running';
    case cri.ContainerState.CONTAINER_EXITED: return 'exited';
    default: return 'unknown';
  }
}
