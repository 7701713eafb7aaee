import { varintSize, writeVarint } from './wire-writer.ts';

/** Every Kubernetes protobuf body begins so; `runtime.Unknown` with the kind and the object's own message follows. */
export const MAGIC = Buffer.from('k8s\0');
/** `contentEncoding` and `contentType`, which are written although they are empty. */
const TAIL = Buffer.from([0x1a, 0, 0x22, 0]);

/** The envelope around a message of this kind, in parts. */
export function enclose(apiVersion: string, kind: string, message: Buffer): readonly Buffer[] {
  return [envelopeHead(apiVersion, kind, message.length), message, TAIL];
}

/** What stands before a message of this length; {@link enclosedEnd} follows it. */
export function envelopeHead(apiVersion: string, kind: string, length: number): Buffer {
  const typeMeta = Buffer.concat([delimited(1, Buffer.from(apiVersion)), delimited(2, Buffer.from(kind))]);
  return Buffer.concat([MAGIC, delimited(1, typeMeta), fieldHead(2, length)]);
}

export const enclosedEnd = (): Buffer => TAIL;

/** Tag and length of a field that is a message, string or bytes. */
export function fieldHead(field: number, length: number): Buffer {
  const tag = field * 8 + 2;
  const head = Buffer.allocUnsafe(varintSize(tag) + varintSize(length));
  writeVarint(head, 0, tag);
  writeVarint(head, varintSize(tag), length);
  return head;
}

export const delimited = (field: number, bytes: Buffer): Buffer => Buffer.concat([fieldHead(field, bytes.length), bytes]);
export const lengthOf = (parts: readonly Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0);
