import type { Container, Pod, PodTemplateSpec } from '#api/generated/core/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { safeEncode } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import { milli, parseQuantity, units } from '#api/quantity.ts';

/** A pod, also as any object. */
export type PodObject = Pod & KubeObject;

/** Resource name to amount: thousandths for `cpu`, whole units (bytes, pieces) for all else. */
export type ResourceAmounts = Readonly<Record<string, number>>;
type QuantityList = Readonly<Record<string, string | number>> | undefined;

/** On what stands for a pod that its node runs by itself, from a file of its own. */
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
export const isMirrorPod = ({ metadata }: Pick<Pod, 'metadata'>): boolean => metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;

export const isPodReady = (pod: Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
/** All containers have ended and none will start again. */
export const isPodTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/**
 * What the pod needs of a node at the worst moment of its life: the sum of its containers and sidecars (init containers with
 * `restartPolicy: Always`), or the largest init container beside the sidecars before it if that is more; then its overhead.
 * Requests for the pod as a whole (`spec.resources`) take the place of what they name.
 */
export function podRequests(pod: Pick<Pod, 'spec'>): ResourceAmounts {
  const spec = pod.spec;
  if (spec === undefined) return {};
  const running = sum((spec.containers ?? []).map(requestsOf));
  let sidecars: ResourceAmounts = {};
  let peak: ResourceAmounts = {};
  for (const container of spec.initContainers ?? []) {
    const needed = sum([sidecars, requestsOf(container)]);
    if (container.restartPolicy === 'Always') sidecars = needed;
    peak = largest(peak, needed);
  }
  const containers = largest(sum([running, sidecars]), peak);
  return sum([{ ...containers, ...amounts(spec.resources?.requests) }, amounts(spec.overhead)]);
}

/** Amounts of a resource list, as {@link podRequests} counts them. */
export const amounts = (list: QuantityList): ResourceAmounts =>
  Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, (name === 'cpu' ? milli : units)(parseQuantity(text))]));

const requestsOf = (container: Pick<Container, 'resources'>): ResourceAmounts => amounts(container.resources?.requests);

const sum = (parts: readonly ResourceAmounts[]): ResourceAmounts => merge(parts, (a, b) => a + b);
const largest = (a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts => merge([a, b], Math.max);

function merge(parts: readonly ResourceAmounts[], join: (a: number, b: number) => number): ResourceAmounts {
  const result: Record<string, number> = {};
  for (const part of parts) for (const [name, amount] of Object.entries(part)) result[name] = join(result[name] ?? 0, amount);
  return result;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Names the content of a template: equal templates, equal hashes, whatever the order of their fields. At most ten characters,
 * fit for a label and for a name. `collisions` gives another hash when two templates share one.
 */
export function templateHash(template: PodTemplateSpec, collisions?: number): string {
  const text = canonicalJson(template) + (collisions === undefined ? '' : `#${collisions}`);
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return safeEncode(String(hash >>> 0));
}
