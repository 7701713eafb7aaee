import type { Container, Pod } from '#api/generated/core/v1.ts';
import { podRequests, type ResourceAmounts } from '#api/pods.ts';

/** What the scheduler counts of a pod. */
export interface PodRequests {
  /** Exactly what the pod asks for; resources it does not name are absent. */
  readonly exact: ResourceAmounts;
  /** CPU and memory for scoring: a container that asks for none counts as a small one, so that such pods spread too. */
  readonly scored: { readonly cpu: number; readonly memory: number };
}

/** A container without requests is taken for 0.1 core and 200 MiB, as Kubernetes does. */
const DEFAULT_REQUESTS = { cpu: '100m', memory: '200Mi' } as const;

export function podRequestsOf({ spec }: Pod): PodRequests {
  if (spec === undefined) return { exact: {}, scored: { cpu: 0, memory: 0 } };
  const exact = podRequests({ spec });
  const needsDefaults = spec.containers.some(({ resources }) => resources?.requests?.['cpu'] === undefined || resources.requests['memory'] === undefined);
  const scored = needsDefaults ? podRequests({ spec: { ...spec, containers: spec.containers.map(withDefaults) } }) : exact;
  return { exact, scored: { cpu: scored['cpu'] ?? 0, memory: scored['memory'] ?? 0 } };
}

const withDefaults = (container: Container): Container => ({
  ...container, resources: { ...container.resources, requests: { ...DEFAULT_REQUESTS, ...container.resources?.requests } },
});

export function addAmounts(total: Record<string, number>, amounts: ResourceAmounts, sign: 1 | -1): void {
  for (const name in amounts) total[name] = (total[name] ?? 0) + sign * (amounts[name] as number);
}
