import type { KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { conventionalHealth } from './conditions.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { clausesOf, declaredHealth } from './declared/declared-health.ts';
import { healthy, progressing, type Health, type HealthContext, type HealthRule } from './health.ts';
import { ingressHealth } from './ingress.ts';
import { jobHealth } from './job.ts';
import { namespaceHealth } from './namespace.ts';
import type { HealthOverrides } from './overrides.ts';
import { persistentVolumeClaimHealth } from './persistent-volume-claim.ts';
import { podHealth } from './pod.ts';
import { replicaSetHealth } from './replica-set.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';

const RULES: Readonly<Record<GroupResource, HealthRule<never>>> = {
  'deployments.apps': deploymentHealth,
  'replicasets.apps': replicaSetHealth,
  replicationcontrollers: replicaSetHealth,
  'statefulsets.apps': statefulSetHealth,
  'daemonsets.apps': daemonSetHealth,
  'jobs.batch': jobHealth,
  pods: podHealth,
  services: serviceHealth,
  persistentvolumeclaims: persistentVolumeClaimHealth,
  namespaces: namespaceHealth,
  'ingresses.networking.k8s.io': ingressHealth,
};

/** Argo CD's: an object that is not to count. */
const IGNORE_ANNOTATION = 'argocd.argoproj.io/ignore-healthcheck';

/**
 * How an object is: by the overrides of its application, else by the rule of its kind, else by the conventions of conditions.
 * Undefined objects are Missing.
 */
export function healthOf(resource: ResourceType, object: KubeObject | undefined, context: HealthContext, overrides?: HealthOverrides): Health {
  if (!object) return { status: 'Missing', message: 'the object is not there' };
  if (object.metadata.annotations?.[IGNORE_ANNOTATION] === 'true') return healthy;
  if (object.metadata.deletionTimestamp) return progressing('the object is being deleted');
  return overrides?.of(resource, object) ?? healthByKind(resource, object, context);
}

function healthByKind(resource: ResourceType, object: KubeObject, context: HealthContext): Health {
  const rule = RULES[groupResource(resource)];
  if (rule) return rule(object as never, context);
  const clauses = clausesOf(resource);
  return clauses ? declaredHealth(object, clauses) : conventionalHealth(object, context);
}
