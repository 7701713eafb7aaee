import type { Container, Pod, ResourceFieldSelector } from '#api/generated/core/v1.ts';
import { parseQuantity, type Quantity } from '#api/quantity.ts';

/** What a node knows and a pod may ask for. */
export interface DownwardFacts {
  readonly podIps: readonly string[];
  readonly hostIp: string;
  readonly nodeName: string;
  /** Limits of containers that set none: what the node can give. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a `fieldRef`, or undefined when no such field may be asked for. */
export function fieldValue(pod: Pod, path: string, facts: DownwardFacts): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name': return pod.metadata.name;
    case 'metadata.namespace': return pod.metadata.namespace ?? '';
    case 'metadata.uid': return pod.metadata.uid ?? '';
    case 'metadata.labels': return formatMap(pod.metadata.labels);
    case 'metadata.annotations': return formatMap(pod.metadata.annotations);
    case 'spec.nodeName': return facts.nodeName;
    case 'spec.serviceAccountName': return pod.spec.serviceAccountName ?? 'default';
    case 'status.hostIP': return facts.hostIp;
    case 'status.hostIPs': return facts.hostIp;
    case 'status.podIP': return facts.podIps[0] ?? '';
    case 'status.podIPs': return facts.podIps.join(',');
    default: return undefined;
  }
}

const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.keys(map ?? {}).toSorted().map((key) => `${key}=${JSON.stringify(map?.[key] ?? '')}`).join('\n');

/** The value of a `resourceFieldRef`, rounded up to whole divisors. Undefined when the resource may not be asked for. */
export function resourceValue(container: Container, selector: ResourceFieldSelector, facts: DownwardFacts): string | undefined {
  const match = /^(limits|requests)\.(.+)$/.exec(selector.resource);
  if (!match) return undefined;
  const name = match[2] ?? '';
  const wanted = container.resources?.[match[1] as 'limits' | 'requests']?.[name];
  const fallback = match[1] === 'limits' ? facts.allocatable[name] : '0';
  const value: Quantity = parseQuantity(wanted ?? fallback ?? '0');
  const divisor = parseQuantity(selector.divisor && String(selector.divisor) !== '0' ? selector.divisor : '1');
  return String((value.nanos + divisor.nanos - 1n) / divisor.nanos);
}
