import type { Pod } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';
import type { Strategy } from '../strategy.ts';
import { withProfiles } from './app-armor.ts';
import { withOwnLabels } from './own-labels.ts';
import { firstStatus, keptStatus } from './pod-status.ts';
import { resized, resizeProblems } from './resize.ts';

const NO_CAUSES: readonly StatusCause[] = [];
/** What a pod gets when its spec says nothing. */
const DEFAULT_GRACE_SECONDS = 30;

export const POD: Strategy = {
  hasGeneration: true,
  returnsDeleted: true,
  prepareCreate(object, env, context) {
    const pod = withProfiles(withGrace(object as Pod), (text) => context.warn(text));
    return { ...pod, ...(pod.spec ? { spec: withOwnLabels(pod.spec, pod.metadata.labels) } : {}), status: firstStatus(pod, formatTime(env.clock.now())) } as KubeObject;
  },
  prepareUpdate: (object) => withGrace(object as Pod) as KubeObject,
  takeParts: (subresource, object, live) => (subresource === 'resize' ? (resized(object as Pod, live as Pod) as KubeObject) : object),
  prepareSubresource(subresource, object, live) {
    return subresource === 'status' ? ({ ...object, status: keptStatus((object as Pod).status, (live as Pod).status) } as KubeObject) : object;
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

/** A negative time to end is one second. Templates keep what they say: it is the pods that are made of them that have to end. */
function withGrace(pod: Pod): Pod {
  return (pod.spec?.terminationGracePeriodSeconds ?? 0) < 0 ? ({ ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 1 } } as Pod) : pod;
}
