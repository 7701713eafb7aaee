import type { ResourceInfo } from '../request-info.ts';
import { POSTED_TYPES } from './posted-types.ts';

const SUMMARY_BYTES = 30;

/** What is said of a body that nothing can be made of. */
export const unrecognized = (info: ResourceInfo, text: string, fault: string): string =>
  `the object provided is unrecognized (must be of type ${kindOf(info)}): ${fault} (${summary(text)})`;
/** @param fault Go's words */
export const noJson = (fault: string): string => `couldn't get version/kind; json parse error: ${fault}`;

const kindOf = ({ resource, subresource }: ResourceInfo): string => (subresource === 'scale' ? 'Scale' : POSTED_TYPES.get(subresource)?.kind ?? resource.kind);

/** What is no object is shown in hexadecimal digits. */
function summary(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text);
  const shown = bytes.subarray(0, SUMMARY_BYTES).toString(text.startsWith('{') ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}
