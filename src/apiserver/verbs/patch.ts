import { goText } from '#api/go-text.ts';
import { jsonPatch, unknownMembers } from '#api/patch/json.ts';
import { mergePatch } from '#api/patch/merge.ts';
import { strategicMergePatch } from '#api/patch/strategic.ts';
import { formatTime } from '#base/clock.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest, conflict, invalid, isStatus, StatusError } from '#api/status-error.ts';
import { duplicateField, inOrder, type SentAs } from '#api/strict-problems.ts';
import { authorizeCreation } from '../authz/authorize.ts';
import { writeContext, type Call, type WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import { isTrue } from '../request-info.ts';
import { applyAcrossVersions } from '../registry/apply-across-versions.ts';
import { prepareCreate } from '../registry/prepare-create.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import { insertObject } from '../storage/commit.ts';
import { guaranteedUpdate, type UpdateResult } from '../storage/guaranteed-update.ts';
import { appliedObject } from './applied-object.ts';
import { decodeValue, mediaTypeOf } from './decode.ts';
import { appliedBody, mergedBody, operationsOf, strategicBody } from './patch-body.ts';
import { dryRun, named } from './update.ts';
import { writtenOutcome } from './written-outcome.ts';

const CANNOT_DECODE = 'cannot be handled as a';
/** Writers that lose this often in a row meet a storm; the client shall decide. */
const MAX_ATTEMPTS = 32;

export const PATCH_TYPES = {
  json: 'application/json-patch+json', merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json', apply: 'application/apply-patch+yaml',
} as const;

/** @throws StatusError NotFound, Conflict, Invalid, BadRequest, UnsupportedMediaType */
export async function patch(env: Environment, call: Call): Promise<Outcome> {
  const type = mediaTypeOf(call);
  if (type === PATCH_TYPES.apply) return applyPatch(env, call);
  const change = changeOf(env, call, type);
  const { resource, namespace, name, subresource } = call.info;
  const context = writeContext(call);
  const result = await guaranteedUpdate(env, { resource, namespace, name }, async (live) => {
    const updated = patched(env, call, change(live.object));
    return dryRun(context, await prepareUpdate(env, { resource, subresource, live: live.object, updated, context }));
  });
  return writtenOutcome(env, resource, result.object, context);
}

/** What a patch makes must still be an object of its kind, under its name. */
export function patched(env: Environment, call: Call, value: object): KubeObject {
  try {
    return named(decodeValue(env, call, value, patchedBy(call)), call.info.name);
  } catch (error) {
    if (!isStatus(error, 'BadRequest') || !error.message.includes(CANNOT_DECODE)) throw error;
    const why = error.message.slice(error.message.indexOf(': ') + 2);
    const shown = mediaTypeOf(call) === PATCH_TYPES.strategic ? goText(call.body) : JSON.stringify(value);
    throw invalid({ group: '', plural: '', kind: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message: `Invalid value: ${JSON.stringify(shown)}: ${why}` }]);
  }
}

/** What is wrong with the patch itself stands before what it makes of the object. */
function patchedBy(call: Call): SentAs {
  const { body, duplicates } = call;
  const type = mediaTypeOf(call);
  if (type !== PATCH_TYPES.json) return { form: type === PATCH_TYPES.strategic ? 'merged' : 'patched', problems: duplicates.map(duplicateField) };
  return { form: 'patched', problems: inOrder(body, unknownMembers(body), duplicates).map((problem) => `json patch ${problem}`) };
}

/** What the patch makes of an object. */
export function changeOf(env: Environment, call: Call, type: string): (object: object) => object {
  switch (type) {
    case PATCH_TYPES.json: return (object) => jsonPatch(object, operationsOf(call));
    case PATCH_TYPES.merge: return (object) => mergePatch(object, mergedBody(call)) as object;
    case PATCH_TYPES.strategic: return strategic(env, call);
    default: throw unsupported(call);
  }
}

function strategic(env: Environment, call: Call): (object: object) => object {
  const { facts } = call.info.resource;
  if (facts === undefined) throw unsupported(call);
  // What is merged is a typed object already: a kind or version that the patch names changes nothing, as in Kubernetes.
  return (object) => {
    const { apiVersion, kind } = object as Partial<KubeObject>;
    return { ...strategicMergePatch(env.schema, facts, object, strategicBody(call)), apiVersion, kind };
  };
}

/** Strategic merge needs the facts of a built-in type. Those are refused by their route, which tells less. */
function unsupported({ info }: Call): StatusError {
  if (info.resource.custom === undefined) return new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', { details: {} });
  const types = Object.values(PATCH_TYPES).filter((type) => type !== PATCH_TYPES.strategic);
  return new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`);
}

async function applyPatch(env: Environment, call: Call): Promise<Outcome> {
  const { resource, name, subresource } = call.info;
  const applied = appliedObject(env, call, appliedBody(call));
  const context = writeContext(call);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      return writtenOutcome(env, resource, (await applyToExisting(env, call, applied, context)).object, context);
    } catch (error) {
      if (!isStatus(error, 'NotFound') || subresource !== '' || error.data.status.details?.name !== name) throw error;
    }
    if (applied.metadata.uid) throw conflict(resource, name, `uid mismatch: the provided object specified uid ${applied.metadata.uid}, and no existing object was found`);
    requireName(call);
    const created = await applyAbsent(env, call, applied, context);
    if (created !== undefined) return writtenOutcome(env, resource, created, context, 201);
  }
  throw conflict(resource, name);
}

function applyToExisting(env: Environment, call: Call, applied: KubeObject, context: WriteContext): Promise<UpdateResult> {
  const { resource, namespace, name, subresource } = call.info;
  return guaranteedUpdate(env, { resource, namespace, name }, async (live) => {
    const updated = await merge(env, call, applied, context, live.object);
    return dryRun(context, await prepareUpdate(env, { resource, subresource, live: live.object, updated, context, isApplied: true }));
  });
}

/** What is made says its name; what is there has one. */
function requireName({ body, info }: Call): void {
  if (!(body as Partial<KubeObject>).metadata?.name) throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
}

/** Undefined when somebody else made the object meanwhile. */
async function applyAbsent(env: Environment, call: Call, applied: KubeObject, context: WriteContext): Promise<KubeObject | undefined> {
  authorizeCreation(env, call);
  const { object, also } = await prepareCreate(env, call.info.resource, await merge(env, call, applied, context), context, true);
  if (context.dryRun) return object;
  const result = await insertObject(env, call.info.resource, object, also);
  return result.ok ? result.object : undefined;
}

export function merge(env: Environment, call: Call, applied: KubeObject, context: WriteContext, live?: KubeObject): KubeObject | Promise<KubeObject> {
  const { resource, subresource } = call.info;
  return applyAcrossVersions(env, resource, {
    ...(live ? { live } : {}), applied, manager: context.fieldManager, force: isTrue(call.query['force']), now: formatTime(env.clock.now()),
    ...(subresource === '' ? {} : { subresource }),
  });
}
