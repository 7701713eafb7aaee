import { isJsonObject, type JsonObject } from '#api/json.ts';
import { HeadwayError } from '#base/errors.ts';

/** A file that tells admission plugins what to do, and cannot be taken as it is; `data.path` says where. */
export class AdmissionConfigError extends HeadwayError<{ readonly path: string }> {
  readonly code = 'admission-config';
  readonly isRetryable = false;
}

export const wrongAdmission = (path: string, why: string): AdmissionConfigError => new AdmissionConfigError(`the admission configuration is not valid: ${path}: ${why}`, { path });

/** The members of an object that has no others. @throws AdmissionConfigError */
export function members(value: unknown, path: string, known: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw wrongAdmission(path || 'the file', 'must be an object');
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrongAdmission(path === '' ? unknown : `${path}.${unknown}`, 'unknown field');
  return value;
}
