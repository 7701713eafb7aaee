import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import type { WatchEvent } from '#api/transport.ts';
import { ProtobufDecoder } from '#apiserver/protobuf/decode.ts';
import { ProtobufEncoder } from '#apiserver/protobuf/encode.ts';
import { enclose } from '#apiserver/protobuf/envelope.ts';
import { KindTypes } from '#apiserver/protobuf/kind-types.ts';
import { MessageTypes } from '#apiserver/protobuf/message-types.ts';
import { WireReader } from '#apiserver/protobuf/wire.ts';
import { JSON_CODEC, type Codec } from './codec.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const LENGTH_BYTES = 4;

/**
 * The encoding that typed Go clients prefer. Kinds that have none, such as custom resources, travel as JSON, as they do for those clients.
 * The bytes themselves are held against those of Kubernetes in the unit tests of the encoder.
 */
export function protobufCodec(): Codec {
  const types = new MessageTypes(loadSchema());
  const kinds = new KindTypes(new Scheme(BUILT_IN_RESOURCES));
  const encoder = new ProtobufEncoder(types);
  const decoder = new ProtobufDecoder({ types, kinds });
  const isTyped = (resource?: ResourceType): boolean => resource?.facts !== undefined;
  return {
    encoding: 'protobuf',
    accept: (resource) => (isTyped(resource) ? `${PROTOBUF},application/json` : 'application/json'),
    contentType: (resource) => (isTyped(resource) ? PROTOBUF : JSON_CODEC.contentType()),
    encode(object, resource) {
      if (!isTyped(resource)) return JSON_CODEC.encode(object);
      const { apiVersion, kind } = object as { readonly apiVersion: string; readonly kind: string };
      const reference = kinds.of(apiVersion, kind);
      if (reference === undefined) throw new Error(`${kind} of ${apiVersion} has no protobuf form`);
      return Buffer.concat(enclose(apiVersion, kind, encoder.encode(reference, object as object)));
    },
    decode: (bytes, contentType) => (contentType.startsWith(PROTOBUF) ? withItems(decoder.decode(bytes)) : bytes.toString()),
    frames: (bytes) => readFrames(bytes, decoder),
  };
}

/** An empty list has no bytes. */
function withItems(value: unknown): unknown {
  const { kind, items } = value as { readonly kind: string; readonly items?: unknown };
  return kind.endsWith('List') && items === undefined ? { ...(value as object), items: [] } : value;
}

/** Each event is a length in four bytes, and a `WatchEvent` of that length in an envelope. */
function readFrames(bytes: Buffer, decoder: ProtobufDecoder): { readonly events: readonly WatchEvent[]; readonly rest: Buffer } {
  const events: WatchEvent[] = [];
  let offset = 0;
  while (bytes.length - offset >= LENGTH_BYTES) {
    const end = offset + LENGTH_BYTES + bytes.readUInt32BE(offset);
    if (end > bytes.length) break;
    events.push(readEvent(bytes.subarray(offset + LENGTH_BYTES, end), decoder));
    offset = end;
  }
  return { events, rest: bytes.subarray(offset) };
}

/** `WatchEvent{ type = 1, object = 2: RawExtension{ raw = 1 } }`, in a `runtime.Unknown` of its own or bare. */
function readEvent(bytes: Buffer, decoder: ProtobufDecoder): WatchEvent {
  const message = bytes.subarray(0, 4).toString() === 'k8s\0' ? field(bytes.subarray(4), 2) : bytes;
  return { type: field(message, 1).toString() as WatchEvent['type'], object: decoder.decode(field(field(message, 2), 1)) as WatchEvent['object'] };
}

function field(bytes: Buffer, wanted: number): Buffer {
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === wanted) return reader.bytes();
    reader.skip(reader.wire);
  }
  return Buffer.alloc(0);
}
