type Labels = Readonly<Record<string, string>>;

const RESTRICTED = 'node-restriction.kubernetes.io';
/** Labels of Kubernetes' own domains that a node gives itself. */
const OWN: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type', 'kubernetes.io/os', 'kubernetes.io/arch', 'beta.kubernetes.io/os', 'beta.kubernetes.io/arch',
]);
const OWN_DOMAINS: readonly string[] = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** Labels that differ and that a node must not set: with them it could draw workloads to itself. Sorted. */
export function forbiddenLabels(labels: Labels = {}, before: Labels = {}): readonly string[] {
  const changed = [...new Set([...Object.keys(labels), ...Object.keys(before)])].filter((key) => labels[key] !== before[key]);
  return changed.filter(isForbidden).toSorted();
}

function isForbidden(key: string): boolean {
  const domain = key.includes('/') ? (key.split('/', 1)[0] ?? '') : '';
  if (isWithin(domain, RESTRICTED)) return true;
  const isKubernetes = isWithin(domain, 'kubernetes.io') || isWithin(domain, 'k8s.io');
  return isKubernetes && !OWN.has(key) && !OWN_DOMAINS.some((own) => isWithin(domain, own));
}

const isWithin = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
