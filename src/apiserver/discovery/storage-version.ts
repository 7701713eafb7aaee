import { createHash } from 'node:crypto';
import { isStored, type ResourceType } from '#api/resource-type.ts';

/** Kinds that several versions share are stored in the form of one of them. Definitions are told to be stored in the form that takes less room, as by Kubernetes. */
const STORED_AS: Readonly<Record<string, string>> = {
  'events.k8s.io/v1/Event': '/v1/Event', 'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
};

/** Kubernetes' hash of the version in which objects are stored; undefined for kinds that are not stored. */
export function storageVersionHash(resource: ResourceType): string | undefined {
  if (!isStored(resource)) return undefined;
  const { group, version, kind, custom } = resource;
  const name = `${group}/${custom?.storageVersion ?? version}/${kind}`;
  return createHash('sha256').update(STORED_AS[name] ?? name).digest().subarray(0, 8).toString('base64');
}
