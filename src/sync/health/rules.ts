import type { KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { conventionalHealth } from './conditions.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { progressing, type Health, type HealthContext, type HealthRule } from './health.ts';
import { ingressHealth } from './ingress.ts';
import { jobHealth } from './job.ts';
import { namespaceHealth } from './namespace.ts';
import { persistentVolumeClaimHealth } from './persistent-volume-claim.ts';
import { podHealth } from './pod.ts';
import { replicaSetHealth } from './replica-set.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';

const RULES: Readonly<Record<GroupResource, HealthRule<never>>> = {
  'deployments.apps': deploymentHealth,
  'replicasets.apps': replicaSetHealth,
  'statefulsets.apps': statefulSetHealth,
  'daemonsets.apps': daemonSetHealth,
  'jobs.batch': jobHealth,
  pods: podHealth,
  services: serviceHealth,
  persistentvolumeclaims: persistentVolumeClaimHealth,
  namespaces: namespaceHealth,
  'ingresses.networking.k8s.io': ingressHealth,
};

export function healthOf(resource: ResourceType, object: KubeObject | undefined, context: HealthContext): Health {
  if (!object) return { status: 'Missing', message: 'the object is not there' };
  if (object.metadata.deletionTimestamp) return progressing('the object is being deleted');
  const rule = RULES[groupResource(resource)] ?? (conventionalHealth as HealthRule<never>);
  return rule(object as never, context);
}
