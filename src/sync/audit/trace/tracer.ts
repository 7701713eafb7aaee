import type { OwnedField } from '../ownership.ts';

/** Where a field's value was written. Lines are one-based; a value of several lines has them all. */
export interface Place {
  /** From the repository's root. */
  readonly path: string;
  readonly line: number;
  readonly last: number;
}

export type Trace =
  /** `note`: what stands between the place and the object, such as the template that reads a value. */
  | { readonly kind: 'place'; readonly place: Place; readonly note?: string }
  /** In the Application object itself, as inline Helm values. */
  | { readonly kind: 'application'; readonly field: string }
  /** The files that it comes from, and why not which line. */
  | { readonly kind: 'files'; readonly files: readonly string[]; readonly why: string }
  /** Git does not declare the field. */
  | { readonly kind: 'absent' };

/** Finds the place of a field of one live object in the files of one commit. */
export interface Tracer {
  trace(field: OwnedField): Trace;
}

export const ABSENT: Trace = { kind: 'absent' };
export const placeAt = (path: string, { first, last }: { readonly first: number; readonly last: number }): Place => ({ path, line: first, last });
