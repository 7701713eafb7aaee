import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { WatchItem, WatchSink } from '../verbs/watch.ts';
import type { Exchange } from './exchange.ts';
import { contentTypeOf } from './media-type.ts';
import type { ProtobufForms } from './protobuf-forms.ts';
import { transformEvent, type TransformOptions } from './transform.ts';
import { frame, plainFrame, type WatchFrames } from './watch-frames.ts';

/** A reader that is this far behind is cut off and must list again; what it begins with is not counted. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

export interface WatchResponseOptions {
  readonly exchange: Exchange;
  readonly resource: ResourceType;
  readonly transform: TransformOptions;
  readonly clock: { now(): number };
  /** Of the encoding that was asked for. */
  readonly frames: WatchFrames;
  readonly protobuf: ProtobufForms;
  /** Values of the Warning header. */
  readonly warnings: readonly string[];
}

/** Writes watch events to a response: one JSON document a line, or protobuf frames. */
export class WatchResponse implements WatchSink {
  readonly #exchange: Exchange;
  readonly #resource: ResourceType;
  readonly #options: TransformOptions;
  readonly #clock: { now(): number };
  readonly #frames: WatchFrames;
  readonly #protobuf: ProtobufForms;
  readonly #warnings: readonly string[];
  #isStarted = false;
  #hasSent = false;
  #initialBacklog = 0;

  constructor(options: WatchResponseOptions) {
    this.#exchange = options.exchange;
    this.#resource = options.resource;
    this.#options = options.transform;
    this.#clock = options.clock;
    this.#frames = options.frames;
    this.#protobuf = options.protobuf;
    this.#warnings = options.warnings;
  }

  /** Answers 200 even when nothing is to be told yet: clients wait for the head. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { media } = this.#options;
    this.#exchange.start(200, {
      'content-type': `${contentTypeOf(media)}${media.encoding === 'json' ? '' : ';stream=watch'}`, 'cache-control': 'no-cache, private', ...(this.#warnings.length > 0 ? { warning: this.#warnings } : {}),
    });
    if ('flushHeaders' in this.#exchange.output) (this.#exchange.output as unknown as { flushHeaders(): void }).flushHeaders();
  }

  send(items: readonly WatchItem[], isInitial = false): void {
    this.start();
    const isAllowed = isInitial || !this.#hasSent;
    const bytes = this.#encodeAll(items);
    if (this.#exchange.output.destroyed) return;
    this.#exchange.output.write(bytes);
    if (isAllowed) this.#initialBacklog = this.#exchange.backlog();
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
    const isProtobuf = this.#options.media.encoding === 'protobuf';
    if (item.type === 'ERROR') return isProtobuf ? this.#protobuf.frame(item.type, item.object) : plainFrame(item);
    const value = this.#transformed(item);
    return isProtobuf ? this.#protobuf.frame(item.type, value as KubeObject) : frame(item.type, Buffer.from(JSON.stringify(value)));
  }

  #transformed(item: WatchItem): object {
    const isFirst = !this.#hasSent;
    this.#hasSent = true;
    return transformEvent(this.#resource, item.object, { ...this.#options, nowMs: this.#clock.now() }, isFirst);
  }
}
