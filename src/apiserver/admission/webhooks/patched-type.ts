import { goJson, goQuote } from '#api/go-text.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { invalid, plainError } from '#api/status-error.ts';
import { conversionFault, isBuiltIn } from '#api/sent-type.ts';
import { internal } from './call-hook.ts';

/**
 * What a webhook made of an object, which stays what it is. Built-in kinds need not say it once more, as the server knows; custom resources
 * must. @throws StatusError in Kubernetes' words when it is something else
 */
export function requireType(resource: ResourceType, before: KubeObject, after: KubeObject): KubeObject {
  const { kind, apiVersion } = after as Partial<KubeObject>;
  if (kind === before.kind && apiVersion === before.apiVersion) return after;
  if (resource.custom !== undefined) throw otherCustom(resource, before, after);
  const typed = { ...after, kind: kind || before.kind, apiVersion: apiVersion || before.apiVersion };
  if (typed.kind === before.kind && typed.apiVersion === before.apiVersion) return typed;
  const fault = conversionFault(resource, typed.apiVersion, typed.kind);
  throw isBuiltIn(typed.apiVersion, typed.kind) ? plainError(fault) : internal(fault);
}

function otherCustom(resource: ResourceType, before: KubeObject, after: KubeObject): Error {
  const { kind, apiVersion, metadata } = after as Partial<KubeObject>;
  if (!kind) return internal(`Object 'Kind' is missing in '${goJson(after)}'`);
  if (apiVersion !== before.apiVersion) return plainError(`${apiVersion?.includes('/') ? apiVersion : `/${apiVersion ?? ''}`}, Kind=${kind} is unstructured and is not suitable for converting to ${goQuote(before.apiVersion)}`);
  return invalid({ ...resource, kind }, metadata?.name ?? '', [{ reason: 'FieldValueInvalid', field: 'kind', message: `Invalid value: ${goQuote(kind)}: must be ${before.kind}` }]);
}
