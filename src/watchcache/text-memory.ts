import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { SpillFile } from './spill-file.ts';

/** Bytes of a file: as much as is written, or read back, between two turns of the event loop in some milliseconds. */
const FILE_SIZE = 2 * 1024 * 1024;

export interface TextMemoryOptions {
  /** On a disk, not in memory. */
  readonly directory: string;
  /** Bytes of text that stay in memory. */
  readonly size: number;
  readonly log: Logger;
}

/** A text that can be written to a file, and read back from there. */
export interface TextHolder {
  /** In bytes. */
  readonly size: number;
  readonly text: Buffer;
  /** Where the text lies when it is not in memory. */
  readonly segment: Segment | undefined;
  spill(segment: Segment, start: number): void;
  /** Back into memory. */
  recall(): void;
}

/** Texts that were written together. */
export interface Segment {
  readonly file: SpillFile;
  readonly size: number;
  /** Those that are still the newest states of their objects. */
  readonly current: Set<TextHolder>;
  currentSize: number;
}

/**
 * Bounds what the newest states of all objects take in memory: of more than `size` bytes the oldest go to files, where the kernel keeps what it has room for. Past
 * states are not its matter: they stay where they are until nobody has them.
 */
export class TextMemory {
  readonly #options: TextMemoryOptions;
  /** In memory, oldest first. */
  readonly #warm = new Set<TextHolder>();
  #warmSize = 0;
  #limit: number;

  constructor(options: TextMemoryOptions) {
    this.#options = options;
    this.#limit = options.size;
  }

  /** A new state of an object. */
  add(holder: TextHolder): void {
    this.#warm.add(holder);
    this.#warmSize += holder.size;
    if (this.#warmSize > this.#limit) this.#spillOldest();
  }

  /** A state that is no longer the newest of its object. */
  remove(holder: TextHolder): void {
    if (this.#warm.delete(holder)) this.#warmSize -= holder.size;
    else if (holder.segment) this.#shrink(holder.segment, holder);
  }

  #spillOldest(): void {
    const { directory, size, log } = this.#options;
    const oldest = this.#takeOldest();
    try {
      const file = new SpillFile(directory, oldest.map(({ text }) => text));
      const written = oldest.reduce((sum, holder) => sum + holder.size, 0);
      const segment: Segment = { file, size: written, current: new Set(oldest), currentSize: written };
      let start = 0;
      for (const holder of oldest) {
        holder.spill(segment, start);
        start += holder.size;
        this.#warm.delete(holder);
      }
      this.#warmSize -= written;
      this.#limit = size;
    } catch (error) {
      // Nothing is lost but room: tried again when as much has come as would have gone.
      this.#limit = this.#warmSize + FILE_SIZE;
      log.warn('the oldest objects of the watch cache stay in memory: they cannot be written to a file', { directory, error: asError(error) });
    }
  }

  #takeOldest(): readonly TextHolder[] {
    const oldest: TextHolder[] = [];
    let size = 0;
    for (const holder of this.#warm) {
      if (size >= FILE_SIZE) break;
      oldest.push(holder);
      size += holder.size;
    }
    return oldest;
  }

  /** A file is given up when half of it is of the past, so that files take at most twice what is in them. */
  #shrink(segment: Segment, holder: TextHolder): void {
    if (!segment.current.delete(holder)) return;
    segment.currentSize -= holder.size;
    if (segment.currentSize * 2 > segment.size) return;
    const rest = [...segment.current];
    segment.current.clear();
    for (const survivor of rest) {
      survivor.recall();
      this.add(survivor);
    }
  }
}
