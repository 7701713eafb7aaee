import type { Pod, PodTemplateSpec } from '#api/generated/core/v1.ts';
import { generateName } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import { controllerOf, controllerReference } from '#api/owner-references.ts';
import { isPodReady, isPodTerminal } from '#api/pods.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { New } from '#client/client.ts';
import type { Informer, InformerFactory } from '#client/informer.ts';

/** Index of objects by the UID of their controller. */
const OWNER_INDEX = 'owner';
/** Index of objects that have no controller, by namespace: those that a controller may adopt. */
const ORPHAN_INDEX = 'orphan';

/** For {@link ownedBy} and {@link claimCandidates}, which need it. */
export function addOwnerIndexes<T extends KubeObject>(factory: InformerFactory, informer: Informer<T>): void {
  factory.addIndex(informer, OWNER_INDEX, (object) => [controllerOf(object)?.uid].filter((uid) => uid !== undefined));
  factory.addIndex(informer, ORPHAN_INDEX, (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? '']));
}

export const ownedBy = <T extends KubeObject>({ lister }: Informer<T>, uid: string | undefined): readonly T[] => lister.byIndex(OWNER_INDEX, uid ?? '');
/** Objects that the owner has, and those that it may adopt. */
export const claimCandidates = <T extends KubeObject>(informer: Informer<T>, owner: KubeObject): readonly T[] =>
  [...ownedBy(informer, owner.metadata.uid), ...informer.lister.byIndex(ORPHAN_INDEX, owner.metadata.namespace ?? '')];

/** Counts as running: neither ended nor being deleted. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
export const isPodTerminating = (pod: Pod): boolean => !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;

/** When the pod has been, or will have been, ready for `minReadySeconds`; undefined while it is not ready. */
export function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  if (!isPodReady(pod)) return undefined;
  const since = pod.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime;
  return minReadySeconds === 0 || !since ? 0 : Date.parse(since) + minReadySeconds * 1_000;
}

export interface PodFromTemplateOptions {
  readonly owner: KubeObject;
  readonly ownerResource: ResourceType;
  readonly template: PodTemplateSpec;
  /** Made by the controller, not the server, so that it can expect the pod under its name. */
  readonly suffix: string;
}

export function podFromTemplate({ owner, ownerResource, template, suffix }: PodFromTemplateOptions): New<Pod> {
  const base = `${owner.metadata.name}-`;
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: {
      namespace: owner.metadata.namespace, name: generateName(base, suffix), generateName: base,
      ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}), ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner, ownerResource)],
    },
    // Without containers the API server refuses it, and says so.
    spec: template.spec ?? { containers: [] },
  };
}
