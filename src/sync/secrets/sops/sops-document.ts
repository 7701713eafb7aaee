import type { Scalar } from './scalar.ts';

/** Start and end in the text, the end not included. */
export type Range = readonly [number, number];

export interface SopsLeaf {
  /** Keys on the way to the value; lists add nothing. */
  readonly path: readonly string[];
  readonly value: Scalar;
  readonly range: Range;
  /** One-based. */
  readonly line: number;
}

/** What was encrypted at once: one or several documents of a file, with one data key and one MAC. */
export interface SopsDocument {
  /** The block `sops`, not yet checked. */
  readonly metadata: unknown;
  /** One-based line of the block. */
  readonly line: number;
  /** All values but null, in the order of the file: the MAC rests on it. */
  readonly leaves: readonly SopsLeaf[];
  readonly metadataRanges: readonly Range[];
}

/** A form of text that SOPS encrypts value by value. */
export interface SopsFormat {
  /** Empty for a text that SOPS has not encrypted. @throws DecryptionError InvalidEncryption */
  read(text: string): readonly SopsDocument[];
  /** A clear value as it stands in the text. */
  write(value: Scalar): string;
}
