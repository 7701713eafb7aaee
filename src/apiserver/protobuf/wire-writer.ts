const FIRST_BYTES = 16 * 1024;
/** Longer strings are written faster by the platform than by a loop. */
const MAX_LOOP_LENGTH = 48;

/**
 * Writes protobuf's wire format from the end to the beginning, so that the length of a message is known when its head is written.
 * Callers write the last field first, and of each field the value before its tag.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = FIRST_BYTES;

  /** Bytes written since the last {@link take}. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** What was written; begins anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return taken;
  }

  tag(field: number, wire: 0 | 1 | 2): void {
    this.varint(field * 8 + wire);
  }

  /** @param value a whole number from 0 to 2^53 */
  varint(value: number): void {
    if (value < 0x80) {
      if (this.#at === 0) this.#reserve(1);
      this.#bytes[--this.#at] = value;
      return;
    }
    const size = varintSize(value);
    this.#reserve(size);
    this.#at -= size;
    writeVarint(this.#bytes, this.#at, value);
  }

  /** 64 bits; negative numbers take ten bytes. */
  signed(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) return this.varint(value);
    let rest = BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(value)));
    const digits: number[] = [];
    for (; rest >= 0x80n; rest >>= 7n) digits.push(Number(rest & 0x7fn) | 0x80);
    digits.push(Number(rest));
    this.#reserve(digits.length);
    this.#at -= digits.length;
    digits.forEach((digit, i) => void (this.#bytes[this.#at + i] = digit));
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** With its length. */
  string(text: string): void {
    const size = text.length > MAX_LOOP_LENGTH || !this.#ascii(text) ? this.#utf8(text) : text.length;
    this.varint(size);
  }

  /** With their length. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#bytes.set(value, this.#at);
    this.varint(value.length);
  }

  /** False, with nothing written, when the text has other characters. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(length);
    const start = this.#at - length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#bytes[start + i] = code;
    }
    this.#at = start;
    return true;
  }

  #utf8(text: string): number {
    const size = Buffer.byteLength(text);
    this.#reserve(size);
    this.#at -= size;
    this.#bytes.write(text, this.#at, size, 'utf8');
    return size;
  }

  #reserve(size: number): void {
    if (this.#at >= size) return;
    const used = this.length;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, used + size));
    grown.set(this.#bytes.subarray(this.#at), grown.length - used);
    this.#bytes = grown;
    this.#at = grown.length - used;
  }
}

/** Bytes of an unsigned number below 2^53. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

export function writeVarint(target: Buffer, at: number, value: number): void {
  let rest = value;
  let position = at;
  while (rest >= 0x80) {
    target[position++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[position] = rest;
}
