import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { CertificateRequestFacts } from './certificate-request.ts';

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
export const NODE_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const NODE_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
export const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

type Usages = readonly string[];
const KEY_USAGES: Usages = ['digital signature', 'key encipherment'];
const only = (usages: Usages, required: string): boolean => usages.includes(required) && usages.every((u) => u === required || KEY_USAGES.includes(u));

/** Rules of the signers that Kubernetes knows: why one refuses a request; undefined when it signs. A name that is not here is somebody else's. */
export const SIGNER_RULES: Readonly<Record<string, (facts: CertificateRequestFacts, usages: Usages) => string | undefined>> = {
  [CLIENT_SIGNER]: (_, usages) => (only(usages, 'client auth') ? undefined : 'usages did not match: must be client auth, with digital signature and key encipherment at most'),
  [NODE_CLIENT_SIGNER]: nodeClientProblem,
  [NODE_SERVING_SIGNER]: nodeServingProblem,
  [LEGACY_SIGNER]: () => undefined,
};

function nodeProblem(facts: CertificateRequestFacts): string | undefined {
  if (facts.organizations.length !== 1 || facts.organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes';
  if (!facts.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  if (facts.emailAddresses.length > 0) return 'email subjectAltNames are not allowed';
  return facts.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

function nodeClientProblem(facts: CertificateRequestFacts, usages: Usages): string | undefined {
  const problem = nodeProblem(facts);
  if (problem !== undefined) return problem;
  if (facts.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (facts.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  return only(usages, 'client auth') && usages.includes('digital signature') ? undefined : 'usages did not match [digital signature, client auth], with key encipherment at most';
}

function nodeServingProblem(facts: CertificateRequestFacts, usages: Usages): string | undefined {
  const problem = nodeProblem(facts);
  if (problem !== undefined) return problem;
  if (facts.dnsNames.length + facts.ipAddresses.length === 0) return 'at least one DNS or IP subjectAltName is required';
  return only(usages, 'server auth') && usages.includes('digital signature') ? undefined : 'usages did not match [digital signature, server auth], with key encipherment at most';
}

/** Whether the request has a condition of the type, which is always `True`. */
export const hasCondition = (request: CertificateSigningRequest, type: 'Approved' | 'Denied' | 'Failed'): boolean => (request.status?.conditions ?? []).some((c) => c.type === type);
