import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { CertificateRequestFacts } from './certificate-request.ts';

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
export const NODE_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const NODE_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
export const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

type Usages = readonly string[];
const SIGNATURE = 'digital signature';
const ENCIPHERMENT = 'key encipherment';

/** Rules of the signers that Kubernetes knows: why one refuses a request; undefined when it signs. A name that is not here is somebody else's. */
export const SIGNER_RULES: Readonly<Record<string, (facts: CertificateRequestFacts, usages: Usages) => string | undefined>> = {
  [CLIENT_SIGNER]: (_, usages) => clientUsagesProblem(usages),
  [NODE_CLIENT_SIGNER]: nodeClientProblem,
  [NODE_SERVING_SIGNER]: nodeServingProblem,
  [LEGACY_SIGNER]: () => undefined,
};

function clientUsagesProblem(usages: Usages): string | undefined {
  const unfit = usages.find((usage) => ![SIGNATURE, ENCIPHERMENT, 'client auth'].includes(usage));
  if (unfit !== undefined) return `invalid usage for client certificate: ${unfit}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Checked in the order and told in the words of Kubernetes. */
function nodeClientProblem(facts: CertificateRequestFacts, usages: Usages): string | undefined {
  if (!isOfNodes(facts)) return NOT_OF_NODES;
  if (facts.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (facts.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (facts.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (facts.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return facts.commonName.startsWith(NODE_PREFIX) ? nodeUsagesProblem(usages, 'client auth') : NOT_A_NODE;
}

function nodeServingProblem(facts: CertificateRequestFacts, usages: Usages): string | undefined {
  if (!isOfNodes(facts)) return NOT_OF_NODES;
  if (facts.dnsNames.length + facts.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (facts.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (facts.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return nodeUsagesProblem(usages, 'server auth') ?? (facts.commonName.startsWith(NODE_PREFIX) ? undefined : NOT_A_NODE);
}

const NODE_PREFIX = 'system:node:';
const NOT_OF_NODES = 'subject organization is not system:nodes';
const NOT_A_NODE = 'subject common name does not begin with system:node:';
const isOfNodes = ({ organizations }: CertificateRequestFacts): boolean => organizations.length === 1 && organizations[0] === 'system:nodes';

/** A key of another kind than RSA enciphers no keys. */
function nodeUsagesProblem(usages: Usages, purpose: 'client auth' | 'server auth'): string | undefined {
  const wanted = new Set(usages);
  const isFit = wanted.has(SIGNATURE) && wanted.has(purpose) && wanted.size === (wanted.has(ENCIPHERMENT) ? 3 : 2);
  return isFit ? undefined : `usages did not match [${[SIGNATURE, ENCIPHERMENT, purpose].toSorted().join(' ')}]`;
}

/** Whether the request has a condition of the type, which is always `True`. */
export const hasCondition = (request: CertificateSigningRequest, type: 'Approved' | 'Denied' | 'Failed'): boolean => (request.status?.conditions ?? []).some((c) => c.type === type);
