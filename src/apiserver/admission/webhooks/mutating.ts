import { applyDefaults } from '#api/defaults/index.ts';
import { decodeObject } from '#api/decode.ts';
import type { JsonObject } from '#api/json.ts';
import { jsonPatch } from '#api/patch/json.ts';
import { UnfitPatch } from '#api/patch/unfit-patch.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import type { Environment } from '../../environment.ts';
import { isEqual } from '../../storage/equality.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { callHook, internal } from './call-hook.ts';
import { inVersion } from './equivalent.ts';
import type { Hook } from './hook.ts';
import { matchHook } from './match.ts';
import { requireType } from './patched-type.ts';
import { noteMutation, notePatch, placeOf } from './trail.ts';

/**
 * Asks the webhooks one after the other, each with what those before it made of the object. A webhook that wants it (`IfNeeded`) is asked
 * once more at the end when the object has changed since, after the server's own plugins have been; a webhook that was not asked at first is
 * not asked then. @throws StatusError
 */
export async function callMutating(env: Environment, hooks: readonly Hook[], request: AdmissionRequest): Promise<KubeObject | undefined> {
  const { reinvocation } = request;
  let { object } = request;
  reinvocation?.begin(object);
  for (const hook of hooks) {
    const present = object === request.object ? request : { ...request, ...(object ? { object } : {}) };
    const wanted = await matchHook(env, hook, present);
    if (wanted === undefined || (reinvocation?.isSecond && !reinvocation.isDue(hook.id))) continue;
    const changed = await ask(env, hook, present, wanted);
    if (changed.isMutated) reinvocation?.changed();
    if (hook.webhook.reinvocationPolicy === 'IfNeeded') reinvocation?.called(hook.id);
    ({ object } = changed);
  }
  reinvocation?.end(object);
  return object;
}

interface Answer {
  readonly object: KubeObject | undefined;
  readonly isMutated: boolean;
}

/** What the webhook made of the object; the audit record tells it also when the webhook denies. */
async function ask(env: Environment, hook: Hook, request: AdmissionRequest, wanted: ResourceType): Promise<Answer> {
  const { context, reinvocation, object } = request;
  const place = placeOf(reinvocation?.isSecond ? 1 : 0, hook.index);
  let answer: Answer = { object, isMutated: false };
  try {
    const accepted = await callHook(env, { hook, wanted, request, isMutating: true, place });
    if (accepted?.patch === undefined) return answer;
    const changed = await patched(env, hook, request, wanted, accepted.patch, accepted.object);
    notePatch(context, place, hook, accepted.patch);
    answer = { object: changed, isMutated: changed !== object && !isEqual(changed, object) };
    return answer;
  } finally {
    noteMutation(context, place, hook, answer.isMutated);
  }
}

async function patched(env: Environment, { webhook }: Hook, request: AdmissionRequest, wanted: ResourceType, patch: readonly JsonObject[], object: KubeObject | undefined): Promise<KubeObject | undefined> {
  if (object === undefined || request.operation === 'DELETE' || request.operation === 'CONNECT') {
    throw internal(`admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`);
  }
  const changed = decodedPatch(env, wanted, requireType(wanted, object, carriedOut(object, patch)));
  return inPlace(await inVersion(wanted, request.resource, changed), request);
}

/** The client is not to blame for the webhook's patch. */
function carriedOut(object: KubeObject, patch: readonly JsonObject[]): KubeObject {
  try {
    return jsonPatch(object, patch) as KubeObject;
  } catch (error) {
    throw error instanceof StatusError ? internal(error instanceof UnfitPatch ? error.why : error.message, error) : error;
  }
}

const CANNOT_HANDLE = /^\S+ in version "[^"]*" cannot be handled as a \S+: /;

function decodedPatch(env: Environment, wanted: ResourceType, object: KubeObject): KubeObject {
  try {
    return decoded(env, wanted, object);
  } catch (error) {
    throw error instanceof StatusError ? internal(error.message.replace(CANNOT_HANDLE, ''), error) : error;
  }
}

/** Unknown fields are dropped, as they are from what clients send, unless they are asked about; what was added gets its defaults before the next webhook sees it. */
export function decoded(env: Environment, resource: ResourceType, object: KubeObject, fieldValidation: 'Ignore' | 'Strict' = 'Ignore'): KubeObject {
  if (object.kind !== resource.kind || object.apiVersion !== apiVersionOf(resource)) return object;
  const known = decodeObject(env.schema, resource, withoutEmptyRecord(object), { fieldValidation: resource.custom ? 'Ignore' : fieldValidation }).object;
  return applyDefaults(resource, resource.custom?.schema.prune(known).object ?? known);
}

/** Whoever empties the record of owners here has it removed; clients end it until the next apply by that. */
function withoutEmptyRecord(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata ?? {};
  return managedFields?.length === 0 ? { ...object, metadata } : object;
}

/** The namespace of the request, whatever became of it. */
export function inPlace(object: KubeObject, { object: given, namespace }: AdmissionRequest): KubeObject {
  return namespace === '' || object.metadata?.namespace || !given?.metadata?.namespace ? object : { ...object, metadata: { ...object.metadata, namespace } };
}
