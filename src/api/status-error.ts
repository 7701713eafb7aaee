import type { ListMeta, Status, StatusCause, StatusDetails } from '#api/generated/meta/v1.ts';
import { HeadwayError } from '#base/errors.ts';

/** `metav1.StatusReason` with the HTTP code that belongs to it. */
export const STATUS_CODES = {
  BadRequest: 400, Unauthorized: 401, Forbidden: 403, NotFound: 404, MethodNotAllowed: 405, NotAcceptable: 406,
  AlreadyExists: 409, Conflict: 409, Gone: 410, Expired: 410, RequestEntityTooLarge: 413, UnsupportedMediaType: 415,
  Invalid: 422, TooManyRequests: 429, InternalError: 500, ServiceUnavailable: 503, Timeout: 504, ServerTimeout: 500,
} as const satisfies Record<string, number>;
export type StatusReason = keyof typeof STATUS_CODES;

export interface StatusErrorOptions extends ErrorOptions {
  readonly details?: StatusDetails;
  /** With a token that goes on where a paged list ended; else empty. */
  readonly metadata?: ListMeta;
  /** Overrides the code that belongs to the reason (`ResourceVersionTooLarge` is a Timeout with 504). */
  readonly code?: number;
}

/** A failure of the API as clients see it: thrown by the server's verbs and by every client alike. */
export class StatusError extends HeadwayError<{ readonly status: Status }> {
  readonly code = 'api-status';
  readonly isRetryable: boolean;
  readonly reason: string;
  readonly httpCode: number;

  constructor(reason: StatusReason | (string & {}), message: string, options: StatusErrorOptions = {}) {
    const httpCode = options.code ?? STATUS_CODES[reason as StatusReason] ?? 500;
    const status: Status = {
      kind: 'Status', apiVersion: 'v1', metadata: options.metadata ?? {}, status: 'Failure', message, ...(reason === '' ? {} : { reason }),
      ...(options.details ? { details: options.details } : {}), code: httpCode,
    };
    super(message, { status }, options);
    this.reason = reason;
    this.httpCode = httpCode;
    // A failure of the server that has no reason is a refusal in disguise (see plainError): it would be the same again.
    this.isRetryable = httpCode === 429 || (httpCode >= 500 && reason !== '');
  }

  static fromStatus(status: Status): StatusError {
    return new StatusError(status.reason ?? '', status.message ?? '', {
      ...(status.details ? { details: status.details } : {}), ...(status.metadata ? { metadata: status.metadata } : {}), ...(status.code ? { code: status.code } : {}),
    });
  }
}

export const isStatus = (error: unknown, ...reasons: StatusReason[]): error is StatusError =>
  error instanceof StatusError && (reasons as string[]).includes(error.reason);

/** What the work gives; undefined when it refuses what it was given. */
export function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** A patch that names a UID has met another object of the name, made since. */
export const isOtherObject = (error: unknown): boolean =>
  isStatus(error, 'Invalid') && error.data.status.details?.causes?.some(({ field }) => field === 'metadata.uid') === true;

/** A creation that was refused as its namespace goes away: the next one will be, too. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  isStatus(error, 'Forbidden') && error.data.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;

interface Named { readonly group: string; readonly plural: string; readonly kind: string }
const qualified = (r: Named): string => (r.group === '' ? r.plural : `${r.plural}.${r.group}`);
const details = (r: Named, name: string, causes?: readonly StatusCause[]): StatusDetails => ({
  ...(name === '' ? {} : { name }), ...(r.group === '' ? {} : { group: r.group }), kind: r.plural, ...(causes ? { causes } : {}),
});

export const notFound = (r: Named, name: string): StatusError =>
  new StatusError('NotFound', `${qualified(r)} "${name}" not found`, { details: details(r, name) });
/** Of a kind whose paths lie behind no router. */
export const methodNotSupported = (r: Named, verb: string): StatusError =>
  new StatusError('MethodNotAllowed', `${verb} is not supported on resources of kind "${qualified(r)}"`, { details: details(r, '') });
const UNSERVED = 'the server could not find the requested resource';
/** Of a path or a resource that the server does not have at all, where {@link notFound} is of an object. */
export const unserved = (): StatusError => new StatusError('NotFound', UNSERVED, { details: {} });
export const isUnserved = (error: unknown): boolean => isStatus(error, 'NotFound') && error.message === UNSERVED;
const SEAT_REFUSED = 'Too many requests, please try again later.';
/** The server is too busy for whoever asks. */
export const seatRefused = (retryAfterSeconds: number): StatusError => new StatusError('TooManyRequests', SEAT_REFUSED, { details: { retryAfterSeconds } });
export const isSeatRefused = (error: unknown): boolean => isStatus(error, 'TooManyRequests') && error.message === SEAT_REFUSED;
export const alreadyExists = (r: Named, name: string, before = ''): StatusError =>
  new StatusError('AlreadyExists', `${before}${qualified(r)} "${name}" already exists`, { details: details(r, name) });
export const generatedNameTaken = (r: Named, name: string): StatusError =>
  new StatusError('AlreadyExists', `${qualified(r)} "${name}" already exists, the server was not able to generate a unique name for the object`, { details: { ...details(r, name), retryAfterSeconds: 1 } });
export const conflict = (r: Named, name: string, why = 'the object has been modified; please apply your changes to the latest version and try again'): StatusError =>
  new StatusError('Conflict', `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`, { details: details(r, name) });
export const forbidden = (r: Named, name: string, why: string, causes?: readonly StatusCause[]): StatusError =>
  new StatusError('Forbidden', `${qualified(r)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, { details: details(r, name, causes) });
/** What Go's server answers with an error that is no Status: 500 without a reason. */
export const plainError = (message: string): StatusError => new StatusError('', message, { code: 500 });
/** A fault of the server, not of the request. */
export const internalError = (message: string, cause?: unknown): StatusError =>
  new StatusError('InternalError', `Internal error occurred: ${message}`, { details: { causes: [{ message }] }, cause });
export const badRequest = (message: string): StatusError => new StatusError('BadRequest', message);
/** 422 with one cause a field; `causes[].reason` is a FieldValue* reason, `field` a path such as `spec.containers[0].name`. */
export function invalid(r: Named, name: string, causes: readonly StatusCause[]): StatusError {
  // A fault that is found twice is told once, though it is two causes.
  const texts = [...new Set(causes.map((c) => `${c.field}: ${c.message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const group = r.group === '' ? '' : `.${r.group}`;
  return new StatusError('Invalid', `${r.kind}${group} "${name}" is invalid: ${list}`, {
    details: { ...(name === '' ? {} : { name }), ...(r.group === '' ? {} : { group: r.group }), ...(r.kind === '' ? {} : { kind: r.kind }), causes },
  });
}
