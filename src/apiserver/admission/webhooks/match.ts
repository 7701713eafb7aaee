import type { KubeObject } from '#api/object.ts';
import { NAMESPACES } from '#api/resources.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { forbidden, notFound } from '#api/status-error.ts';
import { celContext } from '#policy/cel.ts';
import { evaluateConditions } from '#policy/conditions.ts';
import type { Environment } from '../../environment.ts';
import { readCached, readFresh } from '../../storage/object-reader.ts';
import { type AdmissionRequest, refusedName } from '../plugin.ts';
import { policyRequest } from '../policies/policy-request.ts';
import { requestIn } from './equivalent.ts';
import type { Hook } from './hook.ts';
import { wantedVersion } from './rules.ts';

/** Namespaces are in themselves, as Kubernetes sees them. */
export const namespaceOf = ({ resource, namespace, name }: AdmissionRequest): string => (groupResource(resource) === 'namespaces' ? name : namespace);

/**
 * The version in which a webhook wants to see the request; undefined when it does not. Rules are asked first, then selectors, then
 * conditions, the dearest. @throws StatusError Forbidden when a condition fails and the webhook says so, NotFound (the namespace)
 */
export async function matchHook(env: Environment, hook: Hook, request: AdmissionRequest): Promise<ResourceType | undefined> {
  const wanted = wantedVersion(hook.webhook, request, env.scheme);
  if (wanted === undefined) return undefined;
  if (hook.selectsObject && !selects(hook.selectsObject, request.object) && !selects(hook.selectsObject, request.live)) return undefined;
  if (hook.selectsNamespace && !(await isNamespaceSelected(env, hook.selectsNamespace, request))) return undefined;
  return hook.conditions.length === 0 || (await areConditionsMet(env, hook, request, wanted)) ? wanted : undefined;
}

type Selects = NonNullable<Hook['selectsObject']>;
const selects = (predicate: Selects, object: KubeObject | undefined): boolean => object !== undefined && predicate(object.metadata?.labels);

/** Cluster-scoped objects other than namespaces are never exempted; a namespace that is written counts with its new labels. */
async function isNamespaceSelected(env: Environment, predicate: Selects, request: AdmissionRequest): Promise<boolean> {
  const name = namespaceOf(request);
  if (name === '') return true;
  const isItself = groupResource(request.resource) === 'namespaces' && request.subresource === '' && request.object !== undefined;
  return predicate((isItself ? request.object : await readNamespace(env, request, name))?.metadata.labels);
}

/** As the same transaction makes it, else as it is. */
async function readNamespace(env: Environment, { context }: AdmissionRequest, name: string): Promise<KubeObject> {
  const made = context.newNamespaces?.get(name);
  if (made) return made;
  const found = readCached(env.cache, NAMESPACES, '', name) ?? (await readFresh(env.cache, NAMESPACES, '', name));
  if (found) return found.object;
  throw notFound(NAMESPACES, name);
}

/** Asked of the objects as the webhook would see them. One condition that is false exempts the request, whatever others fail. */
async function areConditionsMet(env: Environment, hook: Hook, request: AdmissionRequest, wanted: ResourceType): Promise<boolean> {
  const seen = wanted === request.resource ? request : await requestIn(request, wanted);
  const context = celContext({ ...policyRequest(env, seen), requestVersion: request.resource.version });
  const result = evaluateConditions(hook.conditions, context);
  if (typeof result === 'string') return result === 'met';
  if (hook.webhook.failurePolicy === 'Ignore') return false;
  throw forbidden(request.resource, refusedName(request), result.failure);
}
