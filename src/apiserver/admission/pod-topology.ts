import type { Binding } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { PodObject } from '#api/pods.ts';
import { groupResource } from '#api/resource-type.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { AdmissionPlugin } from './plugin.ts';

const COPIED = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Tells a pod where it runs: it gets the zone and the region of the node that it is bound to, or made for. */
export const POD_TOPOLOGY_LABELS: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  handles: ({ operation, resource, subresource }) => operation === 'CREATE' && groupResource(resource) === 'pods' && (subresource === '' || subresource === 'binding'),
  mutate({ object: given, subresource }, { cache }) {
    const object = given as KubeObject;
    const labels = placeOf(cache, subresource === '' ? (object as PodObject).spec?.nodeName : nodeOf(object as Binding & KubeObject));
    return labels === undefined ? object : { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
  },
};

const nodeOf = ({ target }: Binding): string | undefined => (!target.kind || target.kind === 'Node' ? target.name : undefined);

/** Undefined when the node says nothing of its place, or is not known. */
function placeOf(cache: Pick<WatchCache, 'get'>, node: string | undefined): Readonly<Record<string, string>> | undefined {
  const labels = node ? cache.get('nodes', '', node)?.object.metadata.labels : undefined;
  const copied = Object.entries(labels ?? {}).filter(([key]) => COPIED.includes(key));
  return copied.length === 0 ? undefined : Object.fromEntries(copied);
}
