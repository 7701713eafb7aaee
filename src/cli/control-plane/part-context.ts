import type { Clock } from '#base/clock.ts';
import type { MetricsWriter } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';
import type { RedisPlace } from '../redis-options.ts';
import type { ClusterOptions } from '../up-options.ts';

/** What every part of the control plane is started with, alone or together with the others. */
export interface PartContext {
  readonly options: ClusterOptions;
  readonly redis: RedisPlace;
  readonly clock: Clock;
  readonly log: Logger;
  /** Parts add what they tell; the API server of the same process, if it has one, shows it. */
  readonly metrics: MetricsWriter[];
  /** Ends the part. */
  readonly signal: AbortSignal;
}
