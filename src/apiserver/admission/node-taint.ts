import type { Node, Taint } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isSameResource } from '#api/resource-type.ts';
import { NODES } from '#api/resources.ts';
import type { AdmissionPlugin } from './plugin.ts';

const TAINT: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** A new node gets no pods before it is ready: the node controller takes the taint away. */
export const NODE_TAINT: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: ({ operation, resource, subresource }) => operation === 'CREATE' && subresource === '' && isSameResource(resource, NODES),
  mutate({ object }) {
    const node = object as Node & KubeObject;
    const taints = node.spec?.taints ?? [];
    // A node that registers as ready would only lose the taint again.
    const isReady = node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
    const isTainted = taints.some((taint) => taint.key === TAINT.key && taint.effect === TAINT.effect);
    return isReady || isTainted ? node : ({ ...node, spec: { ...node.spec, taints: [...taints, TAINT] } } as KubeObject);
  },
};
