import type { Status } from '#api/generated/meta/v1.ts';
import { asError } from '#base/errors.ts';
import { internalError, StatusError } from '#api/status-error.ts';
import { StoreUnavailableError } from '#store/errors.ts';

/** The one place where failures become what clients see. */
export function toStatus(thrown: unknown): Status {
  if (thrown instanceof StatusError) return thrown.data.status;
  if (thrown instanceof StoreUnavailableError) return new StatusError('ServiceUnavailable', `the store is not available: ${thrown.message}`).data.status;
  return internalError(asError(thrown).message).data.status;
}
