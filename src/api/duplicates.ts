/** A member that stands again in its object; the last one counts. */
export interface Duplicate {
  /** `spec.replicas` */
  readonly path: string;
  readonly key: string;
  /** Of the text, from 1: where the member stands again. */
  readonly line: number;
}
