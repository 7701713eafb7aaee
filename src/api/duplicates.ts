/** A member that stands again in its object; the last one counts. */
export interface Duplicate {
  /** `spec.replicas` */
  readonly path: string;
  readonly key: string;
  /** Of the text, from 1: where the member stands again. */
  readonly line: number;
}

/** No more are told of: a body may hold hundreds of thousands. */
export const MAX_DUPLICATES = 100;
