import type { Namespace } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Strategy } from '../strategy.ts';

type Finalized = Namespace & KubeObject;

/** Its content goes first: the finalizer `kubernetes` in spec is taken away by the namespace controller through `finalize`. */
export const NAMESPACE: Strategy = {
  prepareCreate(object) {
    const namespace = object as Finalized;
    const finalizers = new Set([...(namespace.spec?.finalizers ?? []), 'kubernetes']);
    return {
      ...namespace,
      metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name } },
      spec: { ...namespace.spec, finalizers: [...finalizers] }, status: { phase: 'Active' },
    } as KubeObject;
  },
  prepareUpdate(object, live) {
    const { spec } = live as Finalized;
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    return { ...object, metadata: { ...object.metadata, labels }, ...(spec === undefined ? {} : { spec }) } as KubeObject;
  },
  hasFinalizers: (object) => ((object as Finalized).spec?.finalizers ?? []).length > 0,
  markTerminating: (object) => ({ ...object, status: { ...(object as Finalized).status, phase: 'Terminating' } }) as KubeObject,
  returnsDeleted: true,
};
