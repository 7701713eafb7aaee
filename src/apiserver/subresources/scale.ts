import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict, invalid, StatusError } from '#api/status-error.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { appliedObject } from '../verbs/applied-object.ts';
import { decodeBody, mediaTypeOf } from '../verbs/decode.ts';
import { changeOf, merge, PATCH_TYPES, patched } from '../verbs/patch.ts';
import { appliedBody } from '../verbs/patch-body.ts';
import { dryRun, named } from '../verbs/update.ts';
import { replicasPath, scaleFacts, withReplicas } from './scale-paths.ts';
import { SCALE } from './scale-type.ts';
import { admitSubresource } from './admit.ts';

/** `autoscaling/v1.Scale` of a workload. @throws StatusError InternalError for a custom resource without the field of its replicas */
export function readScale(resource: ResourceType, object: KubeObject): Outcome {
  if (scaleFacts(resource, object).specReplicas !== undefined) return documentOutcome(scaleOf(resource, object));
  const message = `the spec replicas field ${JSON.stringify(replicasPath(resource))} does not exist`;
  throw new StatusError('InternalError', `Internal error occurred: ${message}`, { details: { causes: [{ message }] } });
}

/** PUT and PATCH of the scale write the replicas of the spec only. @throws StatusError Conflict, Invalid, NotFound, UnsupportedMediaType */
export async function writeScale(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const context = writeContext(call);
  const isApplied = call.info.verb === 'patch' && mediaTypeOf(call) === PATCH_TYPES.apply;
  const result = await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const present = scaleOf(resource, object);
    const wanted = await admitSubresource(env, call.info, { operation: 'UPDATE', object: wantedScale(env, call, present), live: present as KubeObject, type: { apiVersion: 'autoscaling/v1', kind: 'Scale' }, context });
    requireSameScale(call, wanted, object);
    const replicas = replicasOf(resource, name, wanted);
    const updated = isApplied ? await withAppliedReplicas(env, call, object, replicas) : withReplicas(resource, object, replicas);
    return dryRun(context, await prepareUpdate(env, { resource, subresource: '', live: object, updated, context, isAdmitted: true, recordedAs: 'scale', isApplied }));
  });
  return documentOutcome(scaleOf(resource, result.object));
}

/** @throws StatusError Conflict, of a patch not for another UID */
function requireSameScale({ info: { resource, name, verb } }: Call, { metadata: { uid, resourceVersion } }: KubeObject, live: KubeObject): void {
  if (uid && uid !== live.metadata.uid && verb !== 'patch') throw conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`);
  if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw conflict(resource, name);
}

function wantedScale(env: Environment, call: Call, present: object): Scale & KubeObject {
  const asScale: Call = { ...call, info: { ...call.info, resource: SCALE } };
  if (call.info.verb !== 'patch') return named(decodeBody(env, asScale), call.info.name) as Scale & KubeObject;
  const type = mediaTypeOf(call);
  if (type === PATCH_TYPES.apply) return appliedObject(env, asScale, appliedBody(call)) as Scale & KubeObject;
  // Custom resources know no strategic merge, their scales neither.
  const isStrategicCustom = call.info.resource.custom !== undefined && type === PATCH_TYPES.strategic;
  return patched(env, asScale, changeOf(env, isStrategicCustom ? call : asScale, type)(present)) as Scale & KubeObject;
}

/** Who applies a scale owns the replicas of the object, under the name of the subresource. */
function withAppliedReplicas(env: Environment, call: Call, live: KubeObject, replicas: number): KubeObject | Promise<KubeObject> {
  const { resource, namespace, name } = call.info;
  const { apiVersion, kind } = live;
  const applied = withReplicas(resource, { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } }, replicas);
  return merge(env, call, applied, writeContext(call), live);
}

function replicasOf(resource: ResourceType, name: string, scale: Scale): number {
  const replicas = scale.spec?.replicas ?? 0;
  // Of a custom resource it is checked with the object, under its own path.
  if (resource.custom !== undefined || (Number.isInteger(replicas) && replicas >= 0)) return replicas;
  throw invalid({ ...resource, kind: 'Scale', group: 'autoscaling' }, name, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message: `Invalid value: ${String(replicas)}: must be greater than or equal to 0` }]);
}

function scaleOf(resource: ResourceType, object: KubeObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { specReplicas, statusReplicas, selector } = scaleFacts(resource, object);
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: specReplicas ? { replicas: specReplicas } : {}, status: { replicas: statusReplicas, ...(selector === '' ? {} : { selector }) },
  };
}
