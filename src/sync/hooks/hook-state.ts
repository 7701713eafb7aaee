import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { HealthOverrides } from '../health/overrides.ts';
import { healthOf } from '../health/rules.ts';

export interface HookState {
  readonly state: 'Running' | 'Completed' | 'Failed';
  /** What it waits for, or why it failed. */
  readonly message: string;
}

/** How far a hook has come. A pod that runs has not completed, however ready it is; a pod of a job that fails may be tried again. */
export function hookState(resource: ResourceType, live: KubeObject | undefined, overrides?: HealthOverrides): HookState {
  if (live && groupResource(resource) === 'pods') return podState(live as Pod & KubeObject);
  // A job that has ended may be on its way out already, as its own TTL has it.
  const { status, message } = healthOf(resource, live && withoutDeletion(live), { pods: [] }, overrides);
  if (status === 'Healthy') return { state: 'Completed', message };
  return { state: status === 'Degraded' ? 'Failed' : 'Running', message };
}

function withoutDeletion({ metadata: { deletionTimestamp: _deleted, ...metadata }, ...object }: KubeObject): KubeObject {
  return { ...object, metadata };
}

function podState({ status }: Pod): HookState {
  if (status?.phase === 'Succeeded') return { state: 'Completed', message: '' };
  if (status?.phase === 'Failed') return { state: 'Failed', message: status.message ?? status.reason ?? 'the pod failed' };
  return { state: 'Running', message: 'the pod has not completed' };
}
