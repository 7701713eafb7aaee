import { goDuration } from '#api/go-duration.ts';
import { badRequest } from '#api/status-error.ts';

/** Milliseconds of the parameter `timeout`; undefined when it bounds nothing (none, 0, or less). @throws StatusError BadRequest in the words of Kubernetes */
export function requestTimeoutOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const duration = goDuration(text);
  if ('fault' in duration) throw badRequest(`invalid timeout specified in the request URL - ${duration.fault}`);
  return duration.ms > 0 ? duration.ms : undefined;
}
