import { X509Certificate } from 'node:crypto';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import { hasCondition } from '#api/certificates/signers.ts';

const HOUR_MS = 3_600_000;
/** A request that was answered has been read by then; one that nobody answered is given up. The times of Kubernetes. */
const ANSWERED_MS = HOUR_MS;
const UNANSWERED_MS = 24 * HOUR_MS;

/** When the request is to be deleted, milliseconds since the epoch. */
export function deleteAtMs(request: CertificateSigningRequest): number {
  const created = Date.parse(request.metadata.creationTimestamp ?? '');
  const decided = decidedAtMs(request);
  const isAnswered = request.status?.certificate !== undefined || hasCondition(request, 'Denied') || hasCondition(request, 'Failed');
  const due = decided !== undefined && isAnswered ? decided + ANSWERED_MS : (decided ?? created) + UNANSWERED_MS;
  return Math.min(due, certificateEndMs(request.status?.certificate) ?? due);
}

function decidedAtMs(request: CertificateSigningRequest): number | undefined {
  const times = (request.status?.conditions ?? []).filter((c) => ['Approved', 'Denied', 'Failed'].includes(c.type)).map((c) => Date.parse(c.lastUpdateTime ?? ''));
  return times.length === 0 || times.some(Number.isNaN) ? undefined : Math.max(...times);
}

function certificateEndMs(certificate: string | undefined): number | undefined {
  if (!certificate) return undefined;
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime();
  } catch {
    // Another signer's, in a form that only its clients know: the other deadlines hold.
    return undefined;
  }
}
