import { exactInteger } from '#api/exact-json.ts';
import { badRequest } from '#api/status-error.ts';

/** Reads protobuf's wire format. @throws StatusError BadRequest when the bytes end too early or are no protobuf */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  tag(): { readonly field: number; readonly wire: number } {
    const tag = Number(this.varint());
    return { field: Math.floor(tag / 8), wire: tag % 8 };
  }

  /** 64 bits, unsigned. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw broken('it ends in the middle of a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw broken('a number is too long');
  }

  signed(): number | bigint {
    return exactInteger(BigInt.asIntN(64, this.varint()));
  }

  bytes(): Buffer {
    const length = Number(this.varint());
    const end = this.#at + length;
    if (end > this.#bytes.length) throw broken('it ends in the middle of a field');
    const slice = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return slice;
  }

  double(): number {
    const end = this.#at + 8;
    if (end > this.#bytes.length) throw broken('it ends in the middle of a number');
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
      case 5: this.#at += 4; return;
      default: throw broken(`unknown wire type ${wire}`);
    }
  }
}

export const broken = (why: string) => badRequest(`the body of the request is no valid protobuf: ${why}`);
