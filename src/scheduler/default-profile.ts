import type { Profile } from './framework/plugin.ts';
import { imageLocality } from './plugins/image-locality/image-locality.ts';
import { interPodAffinityScore } from './plugins/inter-pod-affinity/inter-pod-affinity-score.ts';
import { interPodAffinity } from './plugins/inter-pod-affinity/inter-pod-affinity.ts';
import { nodeAffinity, nodeAffinityScore } from './plugins/node-affinity/node-affinity.ts';
import { nodeName } from './plugins/node-name/node-name.ts';
import { nodePorts } from './plugins/node-ports/node-ports.ts';
import { balancedAllocation } from './plugins/node-resources-fit/balanced-allocation.ts';
import { leastAllocated } from './plugins/node-resources-fit/least-allocated.ts';
import { nodeResourcesFit } from './plugins/node-resources-fit/node-resources-fit.ts';
import { nodeUnschedulable } from './plugins/node-unschedulable/node-unschedulable.ts';
import { podTopologySpread, podTopologySpreadScore } from './plugins/pod-topology-spread/pod-topology-spread.ts';
import { taintToleration, taintTolerationScore } from './plugins/taint-toleration/taint-toleration.ts';

/** Plugins, order and weights of Kubernetes' `default-scheduler`. */
export const DEFAULT_PROFILE: Profile = {
  filters: [nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodePorts, nodeResourcesFit, podTopologySpread, interPodAffinity],
  scores: [
    { plugin: taintTolerationScore, weight: 3 },
    { plugin: nodeAffinityScore, weight: 2 },
    { plugin: podTopologySpreadScore, weight: 2 },
    { plugin: interPodAffinityScore, weight: 2 },
    { plugin: leastAllocated, weight: 1 },
    { plugin: balancedAllocation, weight: 1 },
    { plugin: imageLocality, weight: 1 },
  ],
};
