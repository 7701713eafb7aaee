import type { Problems } from './problems.ts';
import type { NodeRestore, Repository } from '#api/headway/v1/types.ts';
import { dns1123Subdomain } from '#api/names.ts';

const URL_FORM = /^(?:https?:\/\/|ssh:\/\/|git@[^:]+:|file:\/\/|\/)./;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
/** What `git check-ref-format` refuses, and what would be read as an option. */
const BAD_REF = /^-|\.\.|[\p{Cc}\s~^:?*[\\]|@\{|\/\/|\.lock$|[/.]$/u;

export function validateRepository(problems: Problems, { spec }: Repository): void {
  if (!spec?.url) problems.required('spec.url');
  else if (!URL_FORM.test(spec.url)) problems.invalid('spec.url', spec.url, 'must be an https://, ssh:// or git@host:path address, or an absolute path');
  if (spec?.ref && BAD_REF.test(spec.ref)) problems.invalid('spec.ref', spec.ref, 'must be a branch, a tag or a commit id');
  if (spec?.pollInterval && !DURATION.test(spec.pollInterval)) problems.invalid('spec.pollInterval', spec.pollInterval, 'must be a duration such as 15s, 1m30s or 1h');
}

export function validateNodeRestore(problems: Problems, { spec }: NodeRestore): void {
  problems.checkRequired('spec.nodeName', spec?.nodeName, dns1123Subdomain);
  if (!spec?.storeID) problems.required('spec.storeID');
  for (const [i, pod] of (spec?.pods ?? []).entries()) {
    for (const name of ['name', 'namespace', 'uid'] as const) if (!pod.metadata?.[name]) problems.required(`spec.pods[${i}].metadata.${name}`);
  }
}
