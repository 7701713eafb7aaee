import type { Pod } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Strategy } from '../strategy.ts';
import { withOwnLabels } from './own-labels.ts';
import { qosClassOf } from './qos-class.ts';
import { resized, resizeProblems } from './resize.ts';

const NO_CAUSES: readonly StatusCause[] = [];
/** What a pod gets when its spec says nothing. */
const DEFAULT_GRACE_SECONDS = 30;

export const POD: Strategy = {
  hasGeneration: true,
  returnsDeleted: true,
  prepareCreate(object) {
    const pod = object as Pod;
    return { ...pod, ...(pod.spec ? { spec: withOwnLabels(pod.spec, pod.metadata.labels) } : {}), status: { phase: 'Pending', qosClass: qosClassOf(pod.spec) } } as KubeObject;
  },
  prepareSubresource(subresource, object, live) {
    if (subresource === 'resize') return resized(object as Pod, live as Pod) as KubeObject;
    return subresource === 'status' ? withQosClass(object as Pod, live as Pod) : object;
  },
  validate: (object, live, _env, subresource) => (subresource === 'resize' && live ? resizeProblems(object as Pod, live as Pod) : NO_CAUSES),
  gracePeriodSeconds(object, requested) {
    const pod = object as Pod;
    const isRunningSomewhere = (pod.spec?.nodeName ?? '') !== '' && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
    if (!isRunningSomewhere) return 0;
    // One of 2^53 or more is a bigint.
    const seconds = Number(requested ?? pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
    return seconds < 0 ? 1 : seconds;
  },
};

/** Whoever writes a status need not repeat the class, which never changes. */
function withQosClass(pod: Pod, { status: live }: Pod): KubeObject {
  const { status } = pod;
  return (status?.qosClass || live?.qosClass === undefined ? pod : { ...pod, status: { ...status, qosClass: live.qosClass } }) as KubeObject;
}
