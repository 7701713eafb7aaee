import { applyServerSide, trackUpdate } from '#api/apply/managed-fields.ts';
import { type ReplicasPaths, scaleRecord, withScaleRecord } from '#api/apply/scale-record.ts';
import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { badRequest, invalid, StatusError } from '#api/status-error.ts';
import { withZeroValues } from '#api/zero-values.ts';
import { formatTime } from '#base/clock.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { withSpec } from '../registry/prepare-create.ts';
import { prepareUpdate, requireSameObject, requireSameVersion } from '../registry/prepare-update.ts';
import { isTrue } from '../request-info.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { appliedObject } from '../verbs/applied-object.ts';
import { decodeBody, mediaTypeOf } from '../verbs/decode.ts';
import { changeOf, PATCH_TYPES, patched } from '../verbs/patch.ts';
import { appliedBody } from '../verbs/patch-body.ts';
import { dryRun, named } from '../verbs/update.ts';
import { replicasPath, replicasSteps, scaleFacts, withReplicas } from './scale-paths.ts';
import { SCALE } from './scale-type.ts';

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
  const change = wantedScale(env, call);
  const paths = replicasPaths(env, resource);
  const result = await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const live = recorded(scaleOf(resource, object), scaleRecord(object.metadata.managedFields, paths));
    const sent = change(live);
    requireSameObject(resource, sent, object, context);
    const request = { operation: 'UPDATE', resource, subresource: 'scale', namespace, name, object: sent, live, context } as const;
    const wanted = (await env.admission.mutate(env, request)) as Scale & KubeObject;
    requireSameVersion(resource, wanted, object);
    requireReplicas(call, object, wanted);
    const managedFields = withScaleRecord(object.metadata.managedFields, wanted.metadata.managedFields, apiVersionOf(resource), paths);
    const updated = recorded(withReplicas(resource, object, replicasOf(resource, name, wanted)), managedFields);
    const shownAs = (written: KubeObject) => ({ subresource: 'scale', object: scaleOf(resource, written), live: scaleOf(resource, object) });
    return dryRun(context, await prepareUpdate(env, { resource, subresource: '', live: object, updated, context, isApplied: true, shownAs }));
  });
  return documentOutcome(scaleOf(resource, result.object));
}

/** @throws StatusError BadRequest for a patch that leaves open what was open before */
function requireReplicas({ info: { resource, verb } }: Call, live: KubeObject, { spec }: Scale): void {
  if (verb !== 'patch' || spec?.replicas !== undefined || scaleFacts(resource, live).specReplicas !== undefined) return;
  throw badRequest(`the spec replicas field ${JSON.stringify(replicasPath(resource))} cannot be empty`);
}

function recorded<T extends KubeObject>(object: T, managedFields: readonly ManagedFieldsEntry[]): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
}

/** In all versions; those of a definition that are not served have their replicas where this one has them. */
function replicasPaths({ scheme }: Environment, resource: ResourceType): ReplicasPaths {
  const prefix = resource.group === '' ? '' : `${resource.group}/`;
  const isVersion = (apiVersion: string): boolean => apiVersion.startsWith(prefix) && !apiVersion.slice(prefix.length).includes('/');
  return (apiVersion) => (isVersion(apiVersion) ? replicasSteps(scheme.byKind(apiVersion, resource.kind) ?? resource) : undefined);
}

/** What the request makes of the Scale, with the record of who owns it. @throws StatusError UnsupportedMediaType at once */
function wantedScale(env: Environment, call: Call): (live: KubeObject) => Scale & KubeObject {
  const asScale: Call = { ...call, info: { ...call.info, resource: SCALE } };
  const writer = { manager: writeContext(call).fieldManager, now: formatTime(env.clock.now()), subresource: 'scale' };
  const type = call.info.verb === 'patch' ? mediaTypeOf(call) : undefined;
  if (type === PATCH_TYPES.apply) {
    const applied = appliedObject(env, asScale, appliedBody(call));
    return (live) => applyServerSide(env.schema, SCALE, { live, applied, force: isTrue(call.query['force']), ...writer }) as Scale & KubeObject;
  }
  // Custom resources know no strategic merge, their scales neither.
  const isStrategicCustom = call.info.resource.custom !== undefined && type === PATCH_TYPES.strategic;
  const change = type === undefined ? () => named(decodeBody(env, asScale), call.info.name) : patchedBy(env, asScale, changeOf(env, isStrategicCustom ? call : asScale, type));
  return (live) => trackUpdate(env.schema, SCALE, { live, updated: withZeroValues(env.schema, SCALE.facts, withSpec(env, SCALE, change(live))), ...writer }) as Scale & KubeObject;
}

const patchedBy = (env: Environment, call: Call, change: (object: object) => object) => (live: KubeObject): KubeObject => patched(env, call, change(live));

function replicasOf(resource: ResourceType, name: string, scale: Scale): number {
  const replicas = scale.spec?.replicas ?? 0;
  // Of a custom resource it is checked with the object, under its own path.
  if (resource.custom !== undefined || (Number.isInteger(replicas) && replicas >= 0)) return replicas;
  throw invalid({ ...resource, kind: 'Scale', group: 'autoscaling' }, name, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message: `Invalid value: ${String(replicas)}: must be greater than or equal to 0` }]);
}

function scaleOf(resource: ResourceType, { metadata: { name, namespace, uid, resourceVersion, creationTimestamp }, ...object }: KubeObject): Scale & KubeObject {
  const { specReplicas, statusReplicas, selector } = scaleFacts(resource, object as KubeObject);
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: specReplicas ? { replicas: specReplicas } : {}, status: { replicas: statusReplicas, ...(selector === '' ? {} : { selector }) },
  } as Scale & KubeObject;
}
