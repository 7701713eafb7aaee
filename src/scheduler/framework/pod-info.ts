import type { Pod } from '#api/generated/core/v1.ts';
import { keyOf, type NamespacedName } from '#api/object.ts';
import { affinityTerm, type AffinityTerm } from './affinity-term.ts';
import { podRequestsOf, type PodRequests } from './resources.ts';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod with everything that decisions need worked out once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly key: NamespacedName;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly isTerminating: boolean;
  readonly requests: PodRequests;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodTerms;
  readonly antiAffinity: PodTerms;
}

export interface PodTerms {
  readonly required: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
}

const NO_LABELS = {};
const NO_TERMS: PodTerms = { required: [], preferred: [] };

export function podInfo(pod: Pod): PodInfo {
  return {
    pod, key: keyOf(pod), uid: pod.metadata.uid ?? '', namespace: pod.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? NO_LABELS,
    priority: pod.spec?.priority ?? 0,
    isTerminating: pod.metadata.deletionTimestamp !== undefined,
    requests: podRequestsOf(pod),
    hostPorts: hostPortsOf(pod),
    affinity: termsOf(pod, 'podAffinity'),
    antiAffinity: termsOf(pod, 'podAntiAffinity'),
  };
}

function termsOf(pod: Pod, kind: 'podAffinity' | 'podAntiAffinity'): PodTerms {
  const terms = pod.spec?.affinity?.[kind];
  if (terms === undefined) return NO_TERMS;
  return {
    required: (terms.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => affinityTerm(pod, term)),
    preferred: (terms.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => affinityTerm(pod, podAffinityTerm, weight)),
  };
}

/** Sidecars hold their ports as long as the pod runs; other init containers share theirs in turn. */
function hostPortsOf(pod: Pod): readonly HostPort[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return [...sidecars, ...(pod.spec?.containers ?? [])].flatMap((container) =>
    (container.ports ?? []).flatMap((port) =>
      port.hostPort ? [{ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort }] : [],
    ),
  );
}

/** Whether two versions of a pod weigh the same on a node, so that no counter has to change. */
export function isSamePlacement(a: PodInfo, b: PodInfo): boolean {
  return a.isTerminating === b.isTerminating && isSameRecord(a.labels, b.labels) && isSameRecord(a.requests.exact, b.requests.exact);
}

function isSameRecord(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
