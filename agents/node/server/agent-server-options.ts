import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';

export interface AgentServerOptions {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  /** Signs the certificates of callers. */
  readonly clientCa: string;
  readonly manager: PodManager;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly log: Logger;
}
