import type { Namespace, Pod } from '#api/generated/core/v1.ts';
import { isPodTerminal } from '#api/pods.ts';
import { PODS } from '#api/resources.ts';
import { groupResource } from '#api/resource-type.ts';
import type { Remaining } from './conditions.ts';

/** What should be gone and is not, in Kubernetes' words: nothing holds it, and pods had their time of grace. */
export function lingering({ metadata }: Namespace, remaining: readonly Remaining[], nowMs: number): readonly Error[] {
  const sinceMs = nowMs - Date.parse(metadata.deletionTimestamp ?? '');
  const unheld = remaining.filter((r) => r.objects.every((o) => (o.metadata.finalizers ?? []).length === 0) && sinceMs >= graceMs(r));
  return unheld.map(({ resource: { group, version, plural } }) => new Error(`unexpected items still remain in namespace: ${metadata.name} for gvr: ${group}/${version}, Resource=${plural}`));
}

function graceMs({ resource, objects }: Remaining): number {
  if (groupResource(resource) !== groupResource(PODS)) return 0;
  const running = (objects as readonly Pod[]).filter((pod) => !isPodTerminal(pod));
  return Math.max(0, ...running.map(({ spec }) => Number(spec?.terminationGracePeriodSeconds ?? 0) * 1_000));
}
