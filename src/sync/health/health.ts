import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';

/** `Missing`: declared, but not there (yet). `Suspended`: waits for a person on purpose. */
export type HealthStatus = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing';

export interface Health {
  readonly status: HealthStatus;
  /** Why it is not healthy; empty when it is. */
  readonly message: string;
}

export interface HealthContext {
  /** The pods that the object's selector chooses, in its namespace. */
  readonly pods: readonly Pod[];
}

/** Pure: the object (and its pods) as they are now. */
export type HealthRule<T extends KubeObject = KubeObject> = (object: T, context: HealthContext) => Health;

export const healthy: Health = { status: 'Healthy', message: '' };
export const progressing = (message: string): Health => ({ status: 'Progressing', message });
export const degraded = (message: string): Health => ({ status: 'Degraded', message });
export const suspended = (message: string): Health => ({ status: 'Suspended', message });
