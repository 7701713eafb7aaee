import { apiVersionOf } from '#api/resource-type.ts';
import type { TypeReference } from '#api/facts.ts';
import type { ProtobufEncoder } from '../protobuf/encode.ts';
import { delimited, enclose, ENVELOPE_END, envelopeHead, fieldHead, lengthOf } from '../protobuf/envelope.ts';
import type { KindTypes } from '../protobuf/kind-types.ts';
import { listKind, type Item, type ListOutcome } from '../outcome.ts';
import type { WatchItem } from '../verbs/watch.ts';
import { JoinedItems } from './joined-items.ts';

interface Typed {
  /** Absent from what tells of the core group. */
  readonly apiVersion?: string;
  readonly kind: string;
}

const ITEMS_FIELD = 2;

/** Protobuf bytes of answers. The message of an object is made once and shared by all its readers: objects of the cache never change. */
export class ProtobufForms {
  readonly #encoder: ProtobufEncoder;
  readonly #kinds: KindTypes;
  readonly #messages = new WeakMap<object, Buffer>();
  readonly #joined = new JoinedItems((items) => Buffer.concat(items.flatMap((item) => this.#listItem(item))));

  constructor(options: { readonly encoder: ProtobufEncoder; readonly kinds: KindTypes }) {
    this.#encoder = options.encoder;
    this.#kinds = options.kinds;
  }

  /** Whether the value is of a kind that has a protobuf form. */
  has(value: unknown): value is Typed {
    return typeof value === 'object' && value !== null && this.#typeOf(value as Partial<Typed>) !== undefined;
  }

  /** @throws TypeError for values that {@link has} denies */
  object(value: Typed): readonly Buffer[] {
    return enclose(value.apiVersion ?? '', value.kind, this.#message(value));
  }

  list({ resource, metadata, items }: ListOutcome): readonly Buffer[] | Promise<readonly Buffer[]> {
    const head = delimited(1, this.#encoder.encode('meta/v1.ListMeta', metadata));
    const enclosed = (slices: readonly Buffer[]): readonly Buffer[] =>
      [Buffer.concat([envelopeHead(apiVersionOf(resource), listKind(resource), head.length + lengthOf(slices)), head]), ...slices, ENVELOPE_END];
    const joined = this.#joined.join(items, resource);
    return joined instanceof Promise ? joined.then(enclosed) : enclosed(joined);
  }

  /** One event: its length in four bytes, and a `WatchEvent` whose object is enclosed. */
  frame(type: WatchItem['type'], object: Typed): readonly Buffer[] {
    const parts = this.object(object);
    const raw = fieldHead(1, lengthOf(parts));
    const event = Buffer.concat([delimited(1, Buffer.from(type)), fieldHead(2, raw.length + lengthOf(parts)), raw]);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(event.length + lengthOf(parts));
    return [length, event, ...parts];
  }

  #listItem({ object }: Item): readonly Buffer[] {
    const message = this.#message(object);
    return [fieldHead(ITEMS_FIELD, message.length), message];
  }

  #message(value: Typed): Buffer {
    const known = this.#messages.get(value);
    if (known) return known;
    const type = this.#typeOf(value);
    if (type === undefined) throw new TypeError(`kind ${value.kind} of ${value.apiVersion} has no protobuf form`);
    const made = this.#encoder.encode(type, value);
    this.#messages.set(value, made);
    return made;
  }

  #typeOf({ apiVersion, kind }: Partial<Typed>): TypeReference | undefined {
    const type = this.#kinds.of(apiVersion ?? 'v1', kind ?? '');
    return type !== undefined && this.#encoder.has(type) ? type : undefined;
  }
}
