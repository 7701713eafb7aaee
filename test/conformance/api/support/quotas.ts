import type { ResourceQuota } from '#api/generated/core/v1.ts';
import { PODS, RESOURCE_QUOTAS } from '#api/resources.ts';
import type { Sent } from './api.ts';
import type { Scene } from './behaviour.ts';
import { becomes, containers, newPod } from './workloads.ts';

type Amounts = Readonly<Record<string, string>>;

/** Waits until a quota of the test's namespace has counted so much. */
export const uses = (scene: Scene, name: string, used: Amounts) =>
  becomes(scene, RESOURCE_QUOTAS, name, ({ status }) => Object.entries(used).every(([key, value]) => status?.used?.[key] === value), `to have used ${JSON.stringify(used)}`);

/** A quota that has been counted once. */
export async function withQuota(scene: Scene, name: string, hard: Amounts, spec: Partial<ResourceQuota['spec']> = {}): Promise<void> {
  await scene.api.create(RESOURCE_QUOTAS, { metadata: { name }, spec: { hard, ...spec } }, { namespace: scene.namespace });
  await becomes(scene, RESOURCE_QUOTAS, name, ({ status }) => Object.keys(hard).every((key) => status?.used?.[key] !== undefined), 'to be counted');
}

export const sized = (name: string, requests: Amounts, limits: Amounts = {}, spec: object = {}): Sent => newPod(name, {}, { containers: containers({ resources: { requests, limits } }), ...spec });
export const create = ({ api, namespace }: Scene, pod: Sent) => api.create(PODS, pod, { namespace });
export async function removePod({ api, namespace }: Scene, name: string): Promise<void> {
  await api.delete(PODS, name, { namespace, options: { gracePeriodSeconds: 0 } });
}
