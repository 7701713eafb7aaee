import type { Service } from '#api/generated/core/v1.ts';
import type { Clock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import type { ImagePuller } from '../images/image-puller.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ClusterDns } from '../sandbox/dns.ts';
import type { NodeEventRecorder } from '../status/event-recorder.ts';
import type { ObjectWatches } from '../volumes/object-watches.ts';
import type { TokenSource } from '../volumes/token-source.ts';

/** What every pod worker of a node shares. */
export interface NodeContext {
  readonly nodeName: string;
  readonly hostIp: string;
  readonly instance: Instance;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly runtime: ContainerRuntime;
  readonly images: ImagePuller;
  readonly watches: ObjectWatches;
  readonly tokens: TokenSource;
  readonly events: NodeEventRecorder;
  readonly checkpoints: CheckpointStore;
  readonly dns: ClusterDns;
  readonly services: () => readonly Service[];
  /** Resolves when the services that containers learn of by environment are known. */
  readonly servicesKnown: () => Promise<void>;
  /** Resolves when pods may get a network. */
  readonly networkReady: () => Promise<void>;
  readonly memoryBytes: number;
  readonly allocatable: Readonly<Record<string, string>>;
  /** -1000, or this process's own score where it may not lower it. */
  readonly minOomScoreAdj: number;
  readonly signal: AbortSignal;
}
