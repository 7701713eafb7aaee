import type { DeepPartial } from './generated/cri.ts';
import type * as cri from './generated/cri.ts';

/** What runs, as the runtime tells it. Times are milliseconds since the epoch, 0 when not yet. */
export interface RuntimeSandbox {
  readonly id: string;
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly attempt: number;
  readonly isReady: boolean;
  readonly createdAt: number;
}

export type RuntimeContainerState = 'created' | 'running' | 'exited' | 'unknown';

export interface RuntimeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly podUid: string;
  readonly name: string;
  /** 0 for the first start in a pod: the restart count. */
  readonly attempt: number;
  readonly state: RuntimeContainerState;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, ...; empty while running. */
  readonly reason: string;
  readonly message: string;
  readonly imageId: string;
  readonly logPath: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuntimeImage {
  readonly id: string;
  readonly names: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** User of the image's configuration; numeric, or a name that the image's passwd file resolves. */
  readonly uid: number | undefined;
  readonly username: string;
}

export type SandboxConfig = DeepPartial<cri.PodSandboxConfig>;
export type ContainerConfig = DeepPartial<cri.ContainerConfig>;

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode: number;
}

/** The container runtime of this node. Every method throws {@link RuntimeError}; all are safe to repeat. */
export interface ContainerRuntime {
  version(): Promise<{ readonly name: string; readonly version: string }>;
  /** Sandboxes with Kubernetes labels; of one pod when `podUid` is given. */
  listSandboxes(podUid?: string): Promise<readonly RuntimeSandbox[]>;
  /** Addresses of the sandbox's network, the primary first; empty with host networking. */
  sandboxAddresses(id: string): Promise<readonly string[]>;
  runSandbox(config: SandboxConfig): Promise<string>;
  stopSandbox(id: string): Promise<void>;
  /** Removes its containers too. */
  removeSandbox(id: string): Promise<void>;
  listContainers(podUid?: string): Promise<readonly RuntimeContainer[]>;
  createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Sends the stop signal, then SIGKILL after `graceSeconds`; resolves when the container has ended. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  reopenLog(id: string): Promise<void>;
  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>;
  /** Each gives the URL of a stream (SPDY/3.1), good for one request within a minute. */
  execUrl(request: DeepPartial<cri.ExecRequest>): Promise<string>;
  attachUrl(request: DeepPartial<cri.AttachRequest>): Promise<string>;
  portForwardUrl(request: DeepPartial<cri.PortForwardRequest>): Promise<string>;
  /** Undefined when the node does not have it. */
  imageStatus(image: string): Promise<RuntimeImage | undefined>;
  listImages(): Promise<readonly RuntimeImage[]>;
  /** Resolves to the image's id. */
  pullImage(image: string, auth: DeepPartial<cri.AuthConfig> | undefined, sandbox: SandboxConfig): Promise<string>;
  stats(): Promise<readonly cri.ContainerStats[]>;
  close(): void;
}

/** Labels that every Kubernetes tool expects on sandboxes and containers. */
export const POD_NAME_LABEL = 'io.kubernetes.pod.name';
export const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
export const POD_UID_LABEL = 'io.kubernetes.pod.uid';
export const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';
