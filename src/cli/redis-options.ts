import { type Command, Option } from 'commander';
import { UsageError } from './usage-error.ts';

/** As commander gives them. */
export interface RedisFlags {
  readonly redis?: string;
  readonly redisWaitReplicas?: string;
  readonly redisAllowLoss?: true;
}

/** Where Redis is, and what is asked of it. Exactly one of `socketPath` and `url`. */
export interface RedisPlace {
  readonly socketPath?: string;
  readonly url?: string;
  readonly waitReplicas?: number;
  readonly allowLoss?: boolean;
}

export const redisOption = (): Option => new Option('--redis <socket-or-url>', 'unix socket of Redis, or redis:// or rediss:// URL (default: the data directory\'s)');

/** For the part that writes the objects. */
export const addStoreOptions = (command: Command): Command => command
  .option('--redis-wait-replicas <count>', 'answer a write when so many replicas of Redis have it too', '0')
  .option('--redis-allow-loss', 'take a Redis that answers before a write is on disk, too');

/** @throws UsageError */
export function redisPlace({ redis, redisWaitReplicas = '0', redisAllowLoss }: RedisFlags, defaultSocket: string): RedisPlace {
  if (!/^\d{1,2}$/.test(redisWaitReplicas)) throw new UsageError(`--redis-wait-replicas ${redisWaitReplicas}: say a number of replicas`);
  const asked = { waitReplicas: Number(redisWaitReplicas), allowLoss: redisAllowLoss === true };
  if (redis === undefined) return { socketPath: defaultSocket, ...asked };
  if (!redis.includes('://')) return { socketPath: redis, ...asked };
  if (/^rediss?:\/\//.test(redis) && URL.canParse(redis)) return { url: redis, ...asked };
  throw new UsageError(`--redis ${redis}: say the path of a socket, redis://host:port or rediss://host:port`);
}
