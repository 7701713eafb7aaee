import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { healthOf } from '../health/rules.ts';

export interface HookState {
  readonly state: 'Running' | 'Completed' | 'Failed';
  /** What it waits for, or why it failed. */
  readonly message: string;
}

/** How far a hook has come. A pod that runs has not completed, however ready it is; a pod of a job that fails may be tried again. */
export function hookState(resource: ResourceType, live: KubeObject | undefined): HookState {
  if (live && groupResource(resource) === 'pods') return podState(live as Pod & KubeObject);
  const { status, message } = healthOf(resource, live, { pods: [] });
  if (status === 'Healthy') return { state: 'Completed', message };
  return { state: status === 'Degraded' ? 'Failed' : 'Running', message };
}

function podState({ status }: Pod): HookState {
  if (status?.phase === 'Succeeded') return { state: 'Completed', message: '' };
  if (status?.phase === 'Failed') return { state: 'Failed', message: status.message ?? status.reason ?? 'the pod failed' };
  return { state: 'Running', message: 'the pod has not completed' };
}
