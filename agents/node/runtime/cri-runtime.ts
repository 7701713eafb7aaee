import { credentials, type ChannelOptions, type Metadata, type ServiceError } from '@grpc/grpc-js';
import * as cri from './generated/cri.ts';
import type { DeepPartial } from './generated/cri.ts';
import {
  POD_NAMESPACE_LABEL, POD_NAME_LABEL, POD_UID_LABEL, type ContainerConfig, type ContainerRuntime, type ExecResult, type RuntimeContainer,
  type RuntimeImage, type RuntimeSandbox, type SandboxConfig,
} from './container-runtime.ts';
import { containerOf, imageOf, sandboxOf } from './cri-objects.ts';
import { isRuntimeError, NOT_FOUND, RuntimeError } from './runtime-error.ts';

/** Runtime calls that move no image answer well within this; longer means a hung runtime. */
const CALL_TIMEOUT_MS = 30_000;
const SANDBOX_TIMEOUT_MS = 240_000;
const PULL_TIMEOUT_MS = 30 * 60_000;

/** After containerd restarts, calls must find it again at once; gRPC's default back-off reaches two minutes. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
};

type Call<Req, Res> = (request: Req, metadata: Metadata, options: { deadline: number }, done: (error: ServiceError | null, response: Res) => void) => unknown;

/** CRI v1 over a unix socket. The channel reconnects by itself; while the runtime is away every call fails as retryable. */
export class CriRuntime implements ContainerRuntime {
  readonly #runtime: cri.RuntimeServiceClient;
  readonly #images: cri.ImageServiceClient;
  readonly #metadata: Metadata;
  /** An ended container never changes again, so its status is asked for once. */
  readonly #ended = new Map<string, RuntimeContainer>();

  constructor(socketPath: string, metadata: Metadata) {
    const address = `unix:${socketPath}`;
    this.#runtime = new cri.RuntimeServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.#images = new cri.ImageServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.#metadata = metadata;
  }

  async version(): Promise<{ name: string; version: string }> {
    const r = await this.#call('Version', this.#runtime.version.bind(this.#runtime), cri.VersionRequest.fromPartial({ version: 'v1' }));
    return { name: r.runtimeName, version: r.runtimeVersion };
  }

  async listSandboxes(podUid?: string): Promise<readonly RuntimeSandbox[]> {
    const filter = podUid === undefined ? {} : { labelSelector: { [POD_UID_LABEL]: podUid } };
    const r = await this.#call('ListPodSandbox', this.#runtime.listPodSandbox.bind(this.#runtime), cri.ListPodSandboxRequest.fromPartial({ filter }));
    return r.items.filter((s) => s.labels[POD_UID_LABEL] && s.labels[POD_NAME_LABEL] && s.labels[POD_NAMESPACE_LABEL]).map(sandboxOf);
  }

  async sandboxAddresses(id: string): Promise<readonly string[]> {
    const r = await this.#call('PodSandboxStatus', this.#runtime.podSandboxStatus.bind(this.#runtime), cri.PodSandboxStatusRequest.fromPartial({ podSandboxId: id }));
    const network = r.status?.network;
    return network?.ip ? [network.ip, ...network.additionalIps.map((a) => a.ip)] : [];
  }

  async runSandbox(config: SandboxConfig): Promise<string> {
    const request = cri.RunPodSandboxRequest.fromPartial({ config });
    return (await this.#call('RunPodSandbox', this.#runtime.runPodSandbox.bind(this.#runtime), request, SANDBOX_TIMEOUT_MS)).podSandboxId;
  }

  async stopSandbox(id: string): Promise<void> {
    const request = cri.StopPodSandboxRequest.fromPartial({ podSandboxId: id });
    await orGone(this.#call('StopPodSandbox', this.#runtime.stopPodSandbox.bind(this.#runtime), request, SANDBOX_TIMEOUT_MS));
  }

  async removeSandbox(id: string): Promise<void> {
    const request = cri.RemovePodSandboxRequest.fromPartial({ podSandboxId: id });
    await orGone(this.#call('RemovePodSandbox', this.#runtime.removePodSandbox.bind(this.#runtime), request, SANDBOX_TIMEOUT_MS));
  }

  async listContainers(podUid?: string): Promise<readonly RuntimeContainer[]> {
    const filter = podUid === undefined ? {} : { labelSelector: { [POD_UID_LABEL]: podUid } };
    const r = await this.#call('ListContainers', this.#runtime.listContainers.bind(this.#runtime), cri.ListContainersRequest.fromPartial({ filter }));
    const ours = r.containers.filter((c) => c.labels[POD_UID_LABEL]);
    const all = await Promise.all(ours.map((c) => this.#container(c.id, c.podSandboxId)));
    return all.filter((c) => c !== undefined);
  }

  async #container(id: string, sandboxId: string): Promise<RuntimeContainer | undefined> {
    const known = this.#ended.get(id);
    if (known) return known;
    const request = cri.ContainerStatusRequest.fromPartial({ containerId: id });
    const status = await orGone(this.#call('ContainerStatus', this.#runtime.containerStatus.bind(this.#runtime), request));
    if (!status?.status) return undefined;
    const container = containerOf(status.status, sandboxId);
    if (container.state === 'exited') this.#ended.set(id, container);
    return container;
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string> {
    const request = cri.CreateContainerRequest.fromPartial({ podSandboxId: sandboxId, config, sandboxConfig: sandbox });
    return (await this.#call('CreateContainer', this.#runtime.createContainer.bind(this.#runtime), request, SANDBOX_TIMEOUT_MS)).containerId;
  }

  async startContainer(id: string): Promise<void> {
    const request = cri.StartContainerRequest.fromPartial({ containerId: id });
    await this.#call('StartContainer', this.#runtime.startContainer.bind(this.#runtime), request, SANDBOX_TIMEOUT_MS);
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    const request = cri.StopContainerRequest.fromPartial({ containerId: id, timeout: BigInt(Math.max(0, Math.ceil(graceSeconds))) });
    await orGone(this.#call('StopContainer', this.#runtime.stopContainer.bind(this.#runtime), request, graceSeconds * 1000 + SANDBOX_TIMEOUT_MS));
  }

  async removeContainer(id: string): Promise<void> {
    await orGone(this.#call('RemoveContainer', this.#runtime.removeContainer.bind(this.#runtime), cri.RemoveContainerRequest.fromPartial({ containerId: id })));
    this.#ended.delete(id);
  }

  async reopenLog(id: string): Promise<void> {
    await this.#call('ReopenContainerLog', this.#runtime.reopenContainerLog.bind(this.#runtime), cri.ReopenContainerLogRequest.fromPartial({ containerId: id }));
  }

  async execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const request = cri.ExecSyncRequest.fromPartial({ containerId: id, cmd: [...command], timeout: BigInt(Math.ceil(timeoutSeconds)) });
    const deadline = timeoutSeconds > 0 ? timeoutSeconds * 1000 + 5000 : PULL_TIMEOUT_MS;
    return this.#call('ExecSync', this.#runtime.execSync.bind(this.#runtime), request, deadline);
  }

  async execUrl(request: DeepPartial<cri.ExecRequest>): Promise<string> {
    return (await this.#call('Exec', this.#runtime.exec.bind(this.#runtime), cri.ExecRequest.fromPartial(request))).url;
  }

  async attachUrl(request: DeepPartial<cri.AttachRequest>): Promise<string> {
    return (await this.#call('Attach', this.#runtime.attach.bind(this.#runtime), cri.AttachRequest.fromPartial(request))).url;
  }

  async portForwardUrl(request: DeepPartial<cri.PortForwardRequest>): Promise<string> {
    return (await this.#call('PortForward', this.#runtime.portForward.bind(this.#runtime), cri.PortForwardRequest.fromPartial(request))).url;
  }

  async imageStatus(image: string): Promise<RuntimeImage | undefined> {
    const r = await this.#call('ImageStatus', this.#images.imageStatus.bind(this.#images), cri.ImageStatusRequest.fromPartial({ image: { image } }));
    return r.image ? imageOf(r.image) : undefined;
  }

  async listImages(): Promise<readonly RuntimeImage[]> {
    return (await this.#call('ListImages', this.#images.listImages.bind(this.#images), cri.ListImagesRequest.fromPartial({}))).images.map(imageOf);
  }

  async pullImage(image: string, auth: DeepPartial<cri.AuthConfig> | undefined, sandbox: SandboxConfig): Promise<string> {
    const request = cri.PullImageRequest.fromPartial({ image: { image }, ...(auth ? { auth } : {}), sandboxConfig: sandbox });
    return (await this.#call('PullImage', this.#images.pullImage.bind(this.#images), request, PULL_TIMEOUT_MS)).imageRef;
  }

  async stats(): Promise<readonly cri.ContainerStats[]> {
    return (await this.#call('ListContainerStats', this.#runtime.listContainerStats.bind(this.#runtime), cri.ListContainerStatsRequest.fromPartial({ filter: {} }))).stats;
  }

  close(): void {
    this.#runtime.close();
    this.#images.close();
  }

  #call<Req, Res>(name: string, call: Call<Req, Res>, request: Req, timeoutMs = CALL_TIMEOUT_MS): Promise<Res> {
    return new Promise((resolve, reject) => {
      call(request, this.#metadata, { deadline: Date.now() + timeoutMs }, (error, response) => {
        if (error) reject(new RuntimeError(name, error.code, error.details || error.message, { cause: error }));
        else resolve(response);
      });
    });
  }
}

/** Stopping or removing what is gone already has succeeded. */
async function orGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRuntimeError(error, NOT_FOUND)) return undefined;
    throw error;
  }
}
