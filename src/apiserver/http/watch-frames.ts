import type { WatchItem } from '../verbs/watch.ts';

const END = Buffer.from('}\n');

/** One event as a line of JSON, in parts. */
export const frame = (type: WatchItem['type'], object: Buffer): readonly Buffer[] => [Buffer.from(`{"type":"${type}","object":`), object, END];
export const plainFrame = (item: WatchItem): readonly Buffer[] => frame(item.type, item.cached?.json() ?? Buffer.from(JSON.stringify(item.object)));

/** Bytes of watch events in one encoding. The watches of a resource are told of an event one after the other: the newest event is encoded once for all. */
export class WatchFrames {
  readonly #frame: (item: WatchItem) => readonly Buffer[];
  #type: WatchItem['type'] | undefined;
  #cached: WatchItem['cached'];
  #bytes: Buffer = END;

  constructor(encodeItem: (item: WatchItem) => readonly Buffer[]) {
    this.#frame = encodeItem;
  }

  encode(items: readonly WatchItem[]): Buffer {
    const [item] = items;
    if (items.length !== 1 || item?.cached === undefined) return Buffer.concat(items.flatMap((i) => this.#frame(i)));
    if (item.cached !== this.#cached || item.type !== this.#type) {
      this.#type = item.type;
      this.#cached = item.cached;
      this.#bytes = Buffer.concat(this.#frame(item));
    }
    return this.#bytes;
  }
}
