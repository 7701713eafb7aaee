/** What a bundler adds to the name of a class: before one that refers to itself, and behind one that has a namesake. */
const BUNDLED = /^_|\d+$/g;

/** What every error of Headway carries, so that callers branch on a code and logs keep the facts. */
export abstract class HeadwayError<Data extends object = object> extends Error {
  /** Stable, kebab-case; listed in docs/errors.md. */
  abstract readonly code: string;
  /** Whether the same call may succeed later with no change by the caller. */
  abstract readonly isRetryable: boolean;
  readonly data: Data;

  constructor(message: string, data: Data, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name.replace(BUNDLED, '');
    this.data = data;
  }
}

export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
