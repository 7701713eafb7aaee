import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '#api/object.ts';
import type { WatchEvent } from '#api/transport.ts';
import { waitFor } from '#test/support/wait.ts';
import type { Codec } from './codec.ts';

/** A watch that is being read; what arrives is kept. */
export class Watch<T extends KubeObject = KubeObject> {
  readonly events: WatchEvent<T>[] = [];
  readonly #response: IncomingMessage;
  #taken = 0;
  #isOver = false;

  constructor(response: IncomingMessage, codec: Pick<Codec, 'frames'>) {
    this.#response = response;
    let rest: Buffer = Buffer.alloc(0);
    response.on('data', (chunk: Buffer) => {
      const read = codec.frames(Buffer.concat([rest, chunk]));
      rest = read.rest;
      this.events.push(...(read.events as readonly WatchEvent<T>[]));
    });
    response.once('close', () => (this.#isOver = true));
    response.on('error', () => (this.#isOver = true));
  }

  /** The next event that was not taken yet and fits; those before it are passed over. */
  async next(fits: (event: WatchEvent<T>) => boolean = () => true, what = 'an event', timeoutMs = 10_000): Promise<WatchEvent<T>> {
    return waitFor(() => {
      while (this.#taken < this.events.length) {
        const event = this.events[this.#taken++];
        if (event && fits(event)) return event;
      }
      if (this.#isOver) throw new Error(`the watch ended before ${what} came; it had ${JSON.stringify(this.events.map((e) => e.type))}`);
      return undefined;
    }, { what, timeoutMs, intervalMs: 5 });
  }

  /** The next event of a type, for the named object unless none is given. */
  type(type: WatchEvent['type'], name?: string): Promise<WatchEvent<T>> {
    return this.next((event) => event.type === type && (name === undefined || event.object.metadata.name === name), `${type} ${name ?? ''}`);
  }

  close(): void {
    this.#response.destroy();
  }
}
