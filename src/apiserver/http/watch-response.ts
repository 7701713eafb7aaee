import type { ResourceType } from '#api/resource-type.ts';
import type { WatchItem, WatchSink } from '../verbs/watch.ts';
import type { Exchange } from './exchange.ts';
import { contentTypeOf } from './media-type.ts';
import { transformEvent, type TransformOptions } from './transform.ts';
import { frame, plainFrame, type WatchFrames } from './watch-frames.ts';

/** A reader that is this far behind is cut off and must list again; the first list is not counted. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

/** Writes watch events to a response, one JSON document a line. */
export class WatchResponse implements WatchSink {
  readonly #exchange: Exchange;
  readonly #resource: ResourceType;
  readonly #options: TransformOptions;
  readonly #clock: { now(): number };
  readonly #frames: WatchFrames;
  #isStarted = false;
  #hasSent = false;
  #initialBacklog = 0;

  constructor(options: { readonly exchange: Exchange; readonly resource: ResourceType; readonly transform: TransformOptions; readonly clock: { now(): number }; readonly frames: WatchFrames }) {
    this.#exchange = options.exchange;
    this.#resource = options.resource;
    this.#options = options.transform;
    this.#clock = options.clock;
    this.#frames = options.frames;
  }

  /** Answers 200 even when nothing is to be told yet: clients wait for the head. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const stream = this.#options.media.as === 'object' ? ';stream=watch' : '';
    this.#exchange.start(200, { 'content-type': `${contentTypeOf({ ...this.#options.media, encoding: 'json' })}${stream}`, 'cache-control': 'no-cache, private' });
    if ('flushHeaders' in this.#exchange.output) (this.#exchange.output as unknown as { flushHeaders(): void }).flushHeaders();
  }

  send(items: readonly WatchItem[]): void {
    this.start();
    const isFirstBatch = !this.#hasSent;
    const bytes = this.#encodeAll(items);
    if (this.#exchange.output.destroyed) return;
    this.#exchange.output.write(bytes);
    if (isFirstBatch) this.#initialBacklog = this.#exchange.backlog();
    else if (this.#exchange.backlog() > this.#initialBacklog + MAX_BACKLOG_BYTES) this.#exchange.destroy();
  }

  end(): void {
    this.start();
    this.#exchange.output.end();
  }

  #encodeAll(items: readonly WatchItem[]): Buffer {
    if (this.#options.media.as !== 'object') return Buffer.concat(items.flatMap((item) => this.#encode(item)));
    this.#hasSent = true;
    return this.#frames.encode(items);
  }

  #encode(item: WatchItem): readonly Buffer[] {
    if (item.type === 'ERROR') return plainFrame(item);
    const isFirst = !this.#hasSent;
    this.#hasSent = true;
    const value = item.type === 'BOOKMARK' ? this.#bookmark(item) : transformEvent(this.#resource, item.object, { ...this.#options, nowMs: this.#clock.now() }, isFirst);
    return frame(item.type, Buffer.from(JSON.stringify(value)));
  }

  /** A Table's bookmark has no row that could be printed, but one that carries the annotations. */
  #bookmark({ object }: WatchItem): object {
    if (this.#options.media.as !== 'Table') return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
    return {
      kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: object.metadata.resourceVersion }, columnDefinitions: null,
      rows: [{ cells: [], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } }],
    };
  }
}
