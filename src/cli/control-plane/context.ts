import { join } from 'node:path';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';

export interface ControlPlaneContext {
  readonly options: ClusterOptions;
  readonly log: Logger;
  readonly report: (message: ChildMessage) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

export const redisSocket = (instance: Instance): string => join(instance.runDir, 'redis.sock');
