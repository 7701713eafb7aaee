import type { Pod, Toleration } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';

/** How long a pod stays on a node that is not ready or not heard of. */
const TOLERATION_SECONDS = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

export function withDefaultTolerations(object: KubeObject): KubeObject {
  const pod = object as Pod & KubeObject;
  const tolerations = pod.spec?.tolerations ?? [];
  const missing = KEYS.filter((key) => !tolerations.some((t) => tolerates(t, key)));
  if (missing.length === 0) return pod;
  const added = missing.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS }));
  return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } } as KubeObject;
}

const tolerates = (t: Toleration, key: string): boolean => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect);
