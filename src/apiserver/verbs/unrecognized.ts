import { apiVersionOf } from '#api/resource-type.ts';
import type { ResourceInfo } from '../request-info.ts';
import { POSTED_TYPES } from './posted-types.ts';

const SUMMARY_BYTES = 30;
const OPENING_BRACE = 0x7b;

/** What is said of a body that nothing can be made of. */
export const unrecognized = (info: ResourceInfo, body: string | Buffer, fault: string): string =>
  `the object provided is unrecognized (must be of type ${kindOfBody(info).kind}): ${fault} (${summary(Buffer.from(body))})`;
/** @param fault Go's words */
export const noJson = (fault: string): string => `couldn't get version/kind; json parse error: ${fault}`;

/** What a body is that does not say it itself. */
export function kindOfBody({ verb, resource, subresource }: ResourceInfo): { readonly apiVersion: string; readonly kind: string } {
  if (verb.startsWith('delete')) return { apiVersion: 'v1', kind: 'DeleteOptions' };
  if (subresource === 'scale') return { apiVersion: 'autoscaling/v1', kind: 'Scale' };
  const type = POSTED_TYPES.get(subresource) ?? resource;
  return { apiVersion: apiVersionOf(type), kind: type.kind };
}

/** What is no object is shown in hexadecimal digits. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.subarray(0, SUMMARY_BYTES).toString(bytes[0] === OPENING_BRACE ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}
