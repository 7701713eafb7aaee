import { RESTORED_AT_ANNOTATION } from '#api/headway/v1/types.ts';
import type { PersistentVolumeClaim, PodSpec, PodTemplateSpec, ServiceAccount, Volume } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { isMirrorPod, type PodObject } from '#api/pods.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** Workloads whose pods come from `spec.template`, by the apiVersion and kind of an owner reference. */
const TEMPLATED: Readonly<Record<string, string>> = {
  'apps/v1/ReplicaSet': 'replicasets.apps', 'apps/v1/StatefulSet': 'statefulsets.apps', 'apps/v1/DaemonSet': 'daemonsets.apps', 'batch/v1/Job': 'jobs.batch', 'v1/ReplicationController': 'replicationcontrollers',
};

interface Workload extends KubeObject {
  readonly spec?: { readonly template?: PodTemplateSpec; readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[] };
}

/**
 * The pod as far as it may be believed. A mirror pod is what its node runs by itself, and gives it nothing to read, whatever it names.
 * What a node has reported after a loss of the store is its own word: such a pod gives the node what the template of its owner says, once that is declared again, and until then, or without such an owner, nothing but the account `default`.
 */
export function trusted(cache: Pick<WatchCache, 'get'>, pod: PodObject): PodObject {
  if (isMirrorPod(pod)) return { ...pod, spec: { containers: [], ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}) } };
  if (pod.metadata.annotations?.[RESTORED_AT_ANNOTATION] === undefined) return pod;
  const owner = ownerOf(cache, pod);
  const template = owner?.spec?.template?.spec;
  const spec: PodSpec = template && owner ? declared(cache, pod, template, owner) : { containers: [], serviceAccountName: 'default' };
  return { ...pod, spec: { ...spec, ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}) } };
}

function ownerOf(cache: Pick<WatchCache, 'get'>, pod: PodObject): Workload | undefined {
  const reference = controllerOf(pod);
  const resource = reference && TEMPLATED[`${reference.apiVersion}/${reference.kind}`];
  const found = resource === undefined ? undefined : cache.get(resource, pod.metadata.namespace ?? '', reference?.name ?? '')?.object;
  return found?.metadata.uid === reference?.uid ? (found as Workload | undefined) : undefined;
}

/** The template with what admission and the owner's controller add to each pod of it. */
function declared(cache: Pick<WatchCache, 'get'>, pod: PodObject, template: PodSpec, owner: Workload): PodSpec {
  const { namespace = '', name } = pod.metadata;
  const serviceAccountName = template.serviceAccountName || 'default';
  const account = cache.get('serviceaccounts', namespace, serviceAccountName)?.object as ServiceAccount | undefined;
  const claims = (owner.spec?.volumeClaimTemplates ?? []).map((c): Volume => ({ name: c.metadata.name, persistentVolumeClaim: { claimName: `${c.metadata.name}-${name}` } }));
  const rootCa: Volume = { name: 'kube-api-access', projected: { sources: [{ configMap: { name: 'kube-root-ca.crt' } }] } };
  const pullSecrets = template.imagePullSecrets ?? account?.imagePullSecrets;
  return { ...template, serviceAccountName, volumes: [...(template.volumes ?? []), ...claims, rootCa], ...(pullSecrets ? { imagePullSecrets: pullSecrets } : {}) };
}
