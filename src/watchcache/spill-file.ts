import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SpillUnreadableError } from './errors.ts';

/** Whoever holds a state may read it, also when nothing else knows of it any more. */
const unused = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));
let made = 0;

/** Texts that are never changed, in a file without a name: gone with the process, however it ends. */
export class SpillFile {
  readonly #descriptor: number;

  /** @throws what the file system says, which may be that it is full; then nothing is left of it. */
  constructor(directory: string, texts: readonly Buffer[]) {
    const path = join(directory, `cache-${process.pid}-${made++}`);
    this.#descriptor = openSync(path, 'wx+', 0o600);
    try {
      unlinkSync(path);
      const bytes = Buffer.concat(texts);
      for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at, bytes.length - at, at);
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
    unused.register(this, this.#descriptor);
  }

  /** A copy of its own. @throws SpillUnreadableError */
  read(start: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length;) {
      const count = readSync(this.#descriptor, bytes, at, length - at, start + at);
      if (count === 0) throw new SpillUnreadableError('A file of the watch cache ends too early', { start, length });
      at += count;
    }
    return bytes;
  }
}
