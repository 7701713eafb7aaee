import type { Redis } from 'ioredis';
import type { RedisConnection } from './connection.ts';

/** Connections that share work; each call goes to the least busy, the first of them when idle. */
export class ConnectionPool {
  readonly #members: { readonly connection: RedisConnection; inFlight: number }[];

  constructor(connections: readonly RedisConnection[]) {
    this.#members = connections.map((connection) => ({ connection, inFlight: 0 }));
  }

  async run<T>(operation: string, command: (client: Redis) => Promise<T>): Promise<T> {
    const member = this.#members.reduce((least, next) => (next.inFlight < least.inFlight ? next : least));
    member.inFlight++;
    try {
      return await member.connection.run(operation, command);
    } finally {
      member.inFlight--;
    }
  }

  fail(reason: Error): void {
    for (const { connection } of this.#members) connection.fail(reason);
  }

  close(): void {
    for (const { connection } of this.#members) connection.close();
  }
}
