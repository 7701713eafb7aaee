import type { KubeObject } from '#api/object.ts';

/** Records Kubernetes Events; repeats are counted on one Event object, and a failure to record is only logged. */
export interface EventRecorder {
  event(regarding: KubeObject, event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string; readonly action?: string }): void;
}
