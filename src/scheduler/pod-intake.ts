import type { Pod } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { isPodTerminal } from '#api/pods.ts';
import type { InformerHandler } from '#client/informer.ts';
import type { ClusterCache } from './cache/cluster-cache.ts';
import { podInfo } from './framework/pod-info.ts';
import type { ClusterEvent } from './framework/plugin.ts';
import type { Nominations } from './nominations.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

export interface PodIntakeOptions {
  /** `spec.schedulerName` of the pods to schedule. */
  readonly schedulerName: string;
  readonly cache: ClusterCache;
  readonly nominations: Nominations;
  /** The queue that a pod belongs to. */
  readonly queueOf: (uid: string) => SchedulingQueue;
  readonly onEvent: (event: ClusterEvent) => void;
  /** A pod that waits for its scheduling gates to be removed. */
  readonly onGated: (pod: Pod) => void;
}

/** Brings pods from the watch to where they belong: the queue while they have no node, the cache once they have. */
export class PodIntake implements InformerHandler<Pod> {
  readonly #options: PodIntakeOptions;

  constructor(options: PodIntakeOptions) {
    this.#options = options;
  }

  readonly onAdd = (pod: Pod): void => this.#take(pod);
  readonly onUpdate = (pod: Pod, old: Pod): void => this.#take(pod, old);

  readonly onDelete = (pod: Pod): void => {
    const uid = pod.metadata.uid ?? '';
    const { cache, nominations, queueOf, onEvent } = this.#options;
    queueOf(uid).remove(uid);
    nominations.delete(uid);
    if (!cache.isPlaced(uid)) return;
    cache.remove(uid);
    onEvent('pod-delete');
  };

  #take(pod: Pod, old?: Pod): void {
    if (isPodTerminal(pod)) return this.onDelete(pod);
    // The name was deleted and made again between two looks.
    if (old && old.metadata.uid !== pod.metadata.uid) this.onDelete(old);
    if (pod.spec?.nodeName) return this.#placed(pod, pod.spec.nodeName, old);
    if (pod.spec?.schedulerName === undefined || pod.spec.schedulerName === this.#options.schedulerName) this.#pending(pod, old);
  }

  #placed(pod: Pod, nodeName: string, old?: Pod): void {
    const { cache, nominations, queueOf, onEvent } = this.#options;
    const info = podInfo(pod);
    queueOf(info.uid).remove(info.uid);
    nominations.delete(info.uid);
    cache.place(info, nodeName);
    if (!old?.spec?.nodeName) return onEvent('pod-add');
    if (!jsonEqual(pod.metadata.labels, old.metadata.labels)) onEvent('pod-labels');
    if (!jsonEqual(pod.spec?.containers, old.spec.containers)) onEvent('pod-resources');
  }

  #pending(pod: Pod, old?: Pod): void {
    const { nominations, queueOf, onGated } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const queue = queueOf(uid);
    if (pod.metadata.deletionTimestamp !== undefined) {
      nominations.delete(uid);
      queue.remove(uid);
      return;
    }
    if (pod.spec?.schedulingGates?.length) return onGated(pod);
    const info = podInfo(pod);
    nominations.set(info, pod.status?.nominatedNodeName);
    if (old && queue.has(uid) && jsonEqual(wanted(pod), wanted(old))) queue.refresh(info);
    else queue.add(info);
  }
}

/** What a decision depends on; a changed status is our own report. */
const wanted = (pod: Pod): unknown => [pod.spec, pod.metadata.labels];
