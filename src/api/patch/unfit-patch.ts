import { StatusError } from '#api/status-error.ts';

/** Invalid: a patch is wrong, or does not fit the object. */
export class UnfitPatch extends StatusError {
  /** What is wrong with it: the clients of a patch are not told. */
  readonly why: string;

  constructor(why: string) {
    super('Invalid', 'the server rejected our request due to an error in our request', { details: {} });
    this.why = why;
  }
}
