import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict, invalid } from '#api/status-error.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import type { AnyObject } from '../registry/strategy.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { changeOf } from '../verbs/patch.ts';
import { dryRun } from '../verbs/update.ts';
import { admitSubresource } from './admit.ts';

/** `autoscaling/v1.Scale` of a workload. */
export const readScale = (object: KubeObject): Outcome => documentOutcome(scaleOf(object));

/** PUT and PATCH of the scale write `spec.replicas` only. @throws StatusError Conflict, Invalid, NotFound */
export async function writeScale(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const context = writeContext(call);
  const result = await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const live = object as AnyObject;
    const present = scaleOf(object);
    const sent = (call.info.verb === 'patch' ? changeOf(env, { ...call, info: { ...call.info, resource: SCALE } }, call.contentType.split(';', 1)[0] ?? '')(present) : call.body) as Scale;
    const wanted = await admitSubresource(env, call.info, { operation: 'UPDATE', object: sent ?? {}, live: present as KubeObject, type: { apiVersion: 'autoscaling/v1', kind: 'Scale' }, context });
    const { resourceVersion } = wanted?.metadata ?? {};
    if (resourceVersion && resourceVersion !== object.metadata.resourceVersion) throw conflict(resource, name);
    const updated = { ...live, spec: { ...live.spec, replicas: replicasOf(resource, name, wanted) } };
    return dryRun(context, await prepareUpdate(env, { resource, subresource: '', live: object, updated, context, isAdmitted: true }));
  });
  return documentOutcome(scaleOf(result.object));
}

/** Strategic merge of a Scale follows the facts of Scale. */
const SCALE: ResourceType = {
  group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', singular: 'scale', shortNames: [], categories: [],
  namespaced: true, verbs: [], subresources: [], facts: 'autoscaling/v1.Scale',
};

function replicasOf(resource: ResourceType, name: string, scale: Scale | undefined): number {
  const replicas = scale?.spec?.replicas ?? 0;
  if (Number.isInteger(replicas) && replicas >= 0) return replicas;
  throw invalid({ ...resource, kind: 'Scale', group: 'autoscaling' }, name, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message: `Invalid value: ${String(replicas)}: must be greater than or equal to 0` }]);
}

function scaleOf(object: KubeObject): object {
  const { spec = {}, status = {}, metadata } = object as AnyObject;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = selectorText(spec['selector'] as LabelSelector | undefined);
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: Number(spec['replicas'] ?? 0) }, status: { replicas: Number(status['replicas'] ?? 0), ...(selector === '' ? {} : { selector }) },
  };
}

/** A selector in the form of a query: `app=web,tier in (a,b)`. */
function selectorText(selector: LabelSelector | Readonly<Record<string, string>> | undefined): string {
  if (selector === undefined) return '';
  const isStructured = 'matchLabels' in selector || 'matchExpressions' in selector;
  const structured: LabelSelector = isStructured ? (selector as LabelSelector) : { matchLabels: selector as Readonly<Record<string, string>> };
  const labels = Object.entries(structured.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`);
  const expressions = (structured.matchExpressions ?? []).map((e) => {
    const values = (e.values ?? []).toSorted().join(',');
    return { In: `${e.key} in (${values})`, NotIn: `${e.key} notin (${values})`, Exists: e.key, DoesNotExist: `!${e.key}` }[e.operator] ?? '';
  });
  return [...labels, ...expressions].toSorted().join(',');
}
