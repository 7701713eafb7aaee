import { readCertificateRequest } from '#api/certificates/certificate-request.ts';
import { hasCondition, NODE_CLIENT_SIGNER, SIGNER_RULES } from '#api/certificates/signers.ts';
import type { SubjectAccessReview } from '#api/generated/authorization/v1.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import { keyOf } from '#api/object.ts';
import { CERTIFICATE_SIGNING_REQUESTS, SUBJECT_ACCESS_REVIEWS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { deleteAtMs } from './plan.ts';

/** Approves the client certificates that nodes ask for and may have, and deletes requests that are over. The API server itself signs. */
export const certificateController: ControllerDefinition = {
  name: CONTROLLER_NAMES.certificates,
  concurrency: 2,
  build({ informers, client, clock }) {
    const requests = informers.informer(CERTIFICATE_SIGNING_REQUESTS);
    return {
      reconciler: {
        async reconcile(key, { signal, log }) {
          const request = requests.lister.get(key);
          if (!request || request.metadata.deletionTimestamp !== undefined) return {};
          const leftMs = deleteAtMs(request) - clock.now();
          if (leftMs <= 0) {
            const { uid, resourceVersion } = request.metadata;
            await client.delete(CERTIFICATE_SIGNING_REQUESTS, request.metadata, { preconditions: { uid, resourceVersion }, signal }).catch(ignoreNotFound);
            return {};
          }
          const rights = await rightsFor(request);
          if (rights.length > 0 && !(await approveBy(client, request, rights, signal))) log.info('a node may not have the certificate that it asks for', { request: request.metadata.name, user: request.spec.username });
          return { requeueAfterMs: leftMs };
        },
      },
      triggers: [{ informer: requests, keysOf: (request) => [keyOf(request)] }],
    };
  },
};

/** The rights of which one approves the request by itself; none when a person has to decide, or has decided. */
async function rightsFor(request: CertificateSigningRequest): Promise<readonly string[]> {
  const { signerName, usages = [], username } = request.spec;
  if (signerName !== NODE_CLIENT_SIGNER || request.status?.certificate || hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return [];
  const facts = await readCertificateRequest(request.spec.request);
  if (SIGNER_RULES[NODE_CLIENT_SIGNER]?.(facts, usages) !== undefined) return [];
  return facts.commonName === username ? ['selfnodeclient', 'nodeclient'] : ['nodeclient'];
}

async function approveBy(client: Client, request: CertificateSigningRequest, rights: readonly string[], signal: AbortSignal): Promise<boolean> {
  for (const right of rights) {
    if (!(await isAllowed(client, request, right, signal))) continue;
    await approve(client, request, right, signal);
    return true;
  }
  return false;
}

async function isAllowed(client: Client, { spec }: CertificateSigningRequest, subresource: string, signal: AbortSignal): Promise<boolean> {
  const { username = '', uid, groups = [], extra } = spec;
  const review: SubjectAccessReview = await client.create(SUBJECT_ACCESS_REVIEWS, {
    apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {},
    spec: {
      user: username, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}),
      resourceAttributes: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource, version: '*' },
    },
  }, { signal });
  return review.status?.allowed === true;
}

async function approve(client: Client, request: CertificateSigningRequest, right: string, signal: AbortSignal): Promise<void> {
  const message = `Auto approving ${right === 'selfnodeclient' ? 'self ' : ''}kubelet client certificate after SubjectAccessReview.`;
  const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
  const status = { ...request.status, conditions: [...(request.status?.conditions ?? []), approved] };
  await client.update(CERTIFICATE_SIGNING_REQUESTS, { ...request, status }, { subresource: 'approval', signal });
}
