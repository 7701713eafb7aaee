import type { PodInfo } from './framework/pod-info.ts';

/** Pods that were promised a node, and wait for the victims there to go. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  /** Takes the place of an earlier promise; without a node name the promise is withdrawn. */
  set(pod: PodInfo, nodeName: string | undefined): void {
    this.delete(pod.uid);
    if (!nodeName) return;
    this.#nodeOf.set(pod.uid, nodeName);
    this.#byNode.set(nodeName, (this.#byNode.get(nodeName) ?? new Map<string, PodInfo>()).set(pod.uid, pod));
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#byNode.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(nodeName);
  }

  readonly on = (nodeName: string): readonly PodInfo[] => {
    const pods = this.#byNode.get(nodeName);
    return pods ? [...pods.values()] : NONE;
  };
}

const NONE: readonly PodInfo[] = [];
