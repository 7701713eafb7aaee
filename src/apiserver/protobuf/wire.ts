import { exactInteger } from '#api/exact-json.ts';
import { badRequest } from '#api/status-error.ts';

/** Of the tenth and last byte of a 64-bit number. */
const MAX_SCALE = 2 ** 63;

/** Reads protobuf's wire format. @throws StatusError BadRequest when the bytes end too early or are no protobuf */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** Number and wire type of the field that {@link next} went to. */
  field = 0;
  wire = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  /** Goes on to the next field; false at the end. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wire = tag % 8;
    return true;
  }

  /** Unsigned; beyond 2^53 it loses precision. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= MAX_SCALE; scale *= 0x80) {
      const byte = this.#next();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw broken('a number is too long');
  }

  /** 64 bits in two's complement; a bigint where a number would not be exact. */
  signed(): number | bigint {
    const start = this.#at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    const digits = this.#bytes.subarray(start, this.#at);
    return exactInteger(BigInt.asIntN(64, digits.reduceRight((sum, digit) => (sum << 7n) | BigInt(digit & 0x7f), 0n)));
  }

  #next(): number {
    if (this.#at >= this.#end) throw broken('it ends in the middle of a number');
    return this.#bytes[this.#at++] ?? 0;
  }

  bytes(): Buffer {
    const start = this.#enter();
    return this.#bytes.subarray(start, this.#at);
  }

  string(): string {
    const start = this.#enter();
    return this.#bytes.toString('utf8', start, this.#at);
  }

  /** Reads the fields of a message. */
  message(): WireReader {
    const start = this.#enter();
    return new WireReader(this.#bytes, start, this.#at);
  }

  /** Passes over what has a length, and answers where it began. */
  #enter(): number {
    const length = this.varint();
    const start = this.#at;
    if (start + length > this.#end) throw broken('it ends in the middle of a field');
    this.#at = start + length;
    return start;
  }

  double(): number {
    const end = this.#at + 8;
    if (end > this.#end) throw broken('it ends in the middle of a number');
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at = end;
    return value;
  }

  /** Fields of newer clients are passed over, as protobuf has it. */
  skip(wire: number): void {
    switch (wire) {
      case 0: this.varint(); return;
      case 1: this.double(); return;
      case 2: this.bytes(); return;
      case 5: this.#at = Math.min(this.#at + 4, this.#end); return;
      default: throw broken(`unknown wire type ${wire}`);
    }
  }
}

export const broken = (why: string) => badRequest(`the body of the request is no valid protobuf: ${why}`);
