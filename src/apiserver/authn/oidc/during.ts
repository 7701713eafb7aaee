import { asError } from '#base/errors.ts';

/** The result of the work; what it fails with is told behind what it was for, as Go does. @throws Error */
export function during<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${what}: ${asError(cause).message}`, { cause });
  }
}
