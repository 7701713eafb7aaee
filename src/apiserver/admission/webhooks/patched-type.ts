import { goJson, goQuote } from '#api/go-text.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { invalid, plainError } from '#api/status-error.ts';
import type { Scheme } from '#api/scheme.ts';
import { internal } from './call-hook.ts';

const SCHEME = 'k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30';

/**
 * What a webhook made of an object, which stays what it is. Built-in kinds need not say it once more, as the server knows; custom resources
 * must. @throws StatusError in Kubernetes' words when it is something else
 */
export function requireType(scheme: Scheme, resource: ResourceType, before: KubeObject, after: KubeObject): KubeObject {
  const { kind, apiVersion } = after as Partial<KubeObject>;
  if (kind === before.kind && apiVersion === before.apiVersion) return after;
  if (resource.custom !== undefined) throw otherCustom(resource, before, after);
  const typed = { ...after, kind: kind || before.kind, apiVersion: apiVersion || before.apiVersion };
  if (typed.kind === before.kind && typed.apiVersion === before.apiVersion) return typed;
  const isKnown = scheme.all().some((r) => r.kind === typed.kind && apiVersionOf(r) === typed.apiVersion);
  if (!isKnown) throw internal(`no kind ${goQuote(typed.kind)} is registered for version ${goQuote(typed.apiVersion)} in scheme ${goQuote(SCHEME)}`);
  throw plainError(`converting (${versionOf(typed.apiVersion)}.${typed.kind}) to (${resource.group.split('.', 1)[0] || 'core'}.${before.kind}): unknown conversion`);
}

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

function otherCustom(resource: ResourceType, before: KubeObject, after: KubeObject): Error {
  const { kind, apiVersion, metadata } = after as Partial<KubeObject>;
  if (!kind) return internal(`Object 'Kind' is missing in '${goJson(after)}'`);
  if (apiVersion !== before.apiVersion) return plainError(`${apiVersion?.includes('/') ? apiVersion : `/${apiVersion ?? ''}`}, Kind=${kind} is unstructured and is not suitable for converting to ${goQuote(before.apiVersion)}`);
  return invalid({ ...resource, kind }, metadata?.name ?? '', [{ reason: 'FieldValueInvalid', field: 'kind', message: `Invalid value: ${goQuote(kind)}: must be ${before.kind}` }]);
}
