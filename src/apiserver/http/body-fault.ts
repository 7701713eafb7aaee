import { jsonFault } from '#api/json-fault.ts';
import type { ResourceInfo } from '../request-info.ts';
import { PATCH_TYPES } from '../verbs/patch.ts';
import { unrecognized } from '../verbs/unrecognized.ts';

/** What is said of a body that is no JSON, in the words of the part of Kubernetes that would have read it; undefined when it is JSON all the same. */
export function bodyFault(info: ResourceInfo, contentType: string, text: string): string | undefined {
  const fault = jsonFault(text);
  if (fault === undefined) return undefined;
  if (info.verb !== 'patch') return unrecognized(info, text, fault);
  return contentType.startsWith(PATCH_TYPES.strategic) ? fault : `error decoding patch: ${fault}`;
}
