import type { Node } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { amounts, type PodObject, podRequests } from '#api/pods.ts';
import { isSameResource } from '#api/resource-type.ts';
import { NODES, PODS } from '#api/resources.ts';
import { forbidden } from '#api/status-error.ts';
import { readCached, readFresh } from '../storage/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const OS_LABEL = 'kubernetes.io/os';

/** Refuses a resize that the pod's node can never carry out: the node itself could only tell of it in the pod's status. */
export const POD_RESIZE: AdmissionPlugin = {
  name: 'PodResizeValidator',
  handles: ({ operation, resource, subresource }) => operation === 'UPDATE' && subresource === 'resize' && isSameResource(resource, PODS),
  async validate(request, { cache }) {
    const pod = request.object as PodObject;
    const name = pod.spec.nodeName;
    if (!name || jsonEqual(pod.spec, (request.live as PodObject).spec)) return;
    const found = readCached(cache, NODES, '', name) ?? (await readFresh(cache, NODES, '', name));
    if (found === undefined) throw refuse(request, `node ${JSON.stringify(name)} not found`);
    const { metadata, status } = found.object as typeof found.object & Node;
    const os = metadata.labels?.[OS_LABEL] ?? 'linux';
    if (os !== 'linux') throw refuse(request, `pod resize is only supported on linux nodes, node ${JSON.stringify(name)} is ${JSON.stringify(os)}`, [{ reason: 'UnsupportedPlatform' }]);
    const lacking = lackOf(pod, amounts(status?.allocatable));
    if (lacking.length > 0) throw refuse(request, `node didn't have enough allocatable resources: ${lacking.join('; ')}`, [{ reason: 'NodeCapacity' }]);
  },
};

const refuse = ({ resource, name }: AdmissionRequest, why: string, causes?: readonly StatusCause[]) => forbidden(resource, name, why, causes);

/** What the pod alone would need more of than pods may have of the node. */
function lackOf(pod: PodObject, allocatable: ReturnType<typeof amounts>): readonly string[] {
  const requested = podRequests(pod);
  return ['cpu', 'memory'].flatMap((name) => {
    const [wanted, available] = [requested[name] ?? 0, allocatable[name] ?? 0];
    return wanted > available ? [`${name}, requested: ${wanted}, allocatable: ${available}`] : [];
  });
}
