import { credentials, type ClientReadableStream, type Metadata } from '@grpc/grpc-js';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { CHANNEL_OPTIONS } from './cri-runtime.ts';
import { EventsClient, SubscribeRequest } from './generated/containerd-events.ts';
import { TaskExit } from './generated/containerd-task.ts';
import * as cri from './generated/cri.ts';
import { UNIMPLEMENTED } from './runtime-error.ts';

/** containerd keeps what CRI runs in this namespace. */
const CRI_NAMESPACE = 'k8s.io';
const RECONNECT_MS = 200;

export interface RuntimeEventsOptions {
  readonly socketPath: string;
  /** `containerd-namespace` metadata is added by this class. */
  readonly metadata: () => Metadata;
  readonly clock: Clock;
  readonly log: Logger;
  /** A container or sandbox with this id ended; undefined: anything may have (the stream was away). */
  readonly onChange: (containerId: string | undefined) => void;
}

/**
 * Tells of ended containers: through CRI's GetContainerEvents where the runtime has it (containerd 1.7 and later), else through containerd's
 * own events service. What the stream may have missed while it was away is told as one `undefined`.
 */
export class RuntimeEvents {
  readonly #options: RuntimeEventsOptions;
  readonly #cri: cri.RuntimeServiceClient;
  readonly #containerd: EventsClient;
  #hasCriEvents = true;
  #stream: ClientReadableStream<unknown> | undefined;
  #isClosed = false;

  constructor(options: RuntimeEventsOptions) {
    this.#options = options;
    const address = `unix:${options.socketPath}`;
    this.#cri = new cri.RuntimeServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.#containerd = new EventsClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  }

  start(): void {
    void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.cancel();
    this.#cri.close();
    this.#containerd.close();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const error = await this.#follow();
      if (this.#isClosed) return;
      if (error?.code === UNIMPLEMENTED && this.#hasCriEvents) {
        this.#hasCriEvents = false;
        this.#options.log.info('runtime has no GetContainerEvents; using containerd events');
        continue;
      }
      this.#options.log.warn('runtime event stream ended', { error });
      await this.#options.clock.sleep(RECONNECT_MS);
      this.#options.onChange(undefined);
    }
  }

  #follow(): Promise<(Error & { code?: number }) | undefined> {
    return new Promise((resolve) => {
      const stream = this.#hasCriEvents ? this.#openCri() : this.#openContainerd();
      this.#stream = stream;
      stream.on('error', (error) => resolve(Object.assign(asError(error), error)));
      stream.on('end', () => resolve(undefined));
    });
  }

  #openCri(): ClientReadableStream<unknown> {
    const stream = this.#cri.getContainerEvents(cri.GetEventsRequest.fromPartial({}), this.#options.metadata());
    stream.on('data', (event: cri.ContainerEventResponse) => {
      const isEnd = event.containerEventType === cri.ContainerEventType.CONTAINER_STOPPED_EVENT;
      if (isEnd) this.#options.onChange(event.containerId);
    });
    return stream;
  }

  #openContainerd(): ClientReadableStream<unknown> {
    const metadata = this.#options.metadata();
    metadata.set('containerd-namespace', CRI_NAMESPACE);
    const request = SubscribeRequest.fromPartial({ filters: [`namespace==${CRI_NAMESPACE},topic~=^/tasks/exit$`] });
    const stream = this.#containerd.subscribe(request, metadata);
    stream.on('data', (envelope: { event?: { value: Uint8Array } }) => {
      const exit = TaskExit.decode(envelope.event?.value ?? new Uint8Array());
      // Processes of exec end too; only the container's own process has the container's id.
      if (exit.id === exit.containerId) this.#options.onChange(exit.containerId);
    });
    return stream;
  }
}
