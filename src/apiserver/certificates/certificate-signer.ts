import { readCertificateRequest } from '#api/certificates/certificate-request.ts';
import { hasCondition, SIGNER_RULES } from '#api/certificates/signers.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { CERTIFICATE_SIGNING_REQUESTS } from '#api/resources.ts';
import type { ApiHandler, UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { KeyPairPem } from '../pki/certificates.ts';
import { followResource } from '../storage/follow-resource.ts';
import { ObjectWorker } from '../storage/object-worker.ts';
import { writeAs } from '../storage/write-as.ts';

type Request = CertificateSigningRequest & KubeObject;

export interface CertificateSignerOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly log: Logger;
  /** The API, to which the signer is a client like any other. */
  readonly api: Pick<ApiHandler, 'handle'>;
  readonly authority: KeyPairPem;
}

const RESOURCE = groupResource(CERTIFICATE_SIGNING_REQUESTS);
const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const DAY_SECONDS = 86_400;
/** Longer than a request may ask for: Kubernetes' default of `--cluster-signing-duration`. */
const MAX_SECONDS = 365 * DAY_SECONDS;

/** The identity that RBAC's bootstrap roles allow to sign for Kubernetes' own signers. */
export const CERTIFICATE_CONTROLLER: UserInfo = {
  name: 'system:serviceaccount:kube-system:certificate-controller', groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};

/**
 * Signs approved requests with the cluster's authority. It runs with the API server, so that no other process needs the authority's key.
 * Several servers may sign at once: the first write counts.
 */
export class CertificateSigner {
  readonly #options: CertificateSignerOptions;
  readonly #worker: ObjectWorker;
  #stopFollowing: () => void = () => undefined;

  constructor(options: CertificateSignerOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#worker = new ObjectWorker({ clock, work: (_namespace, name) => this.#reconcile(name), onFailure: (request, error) => log.warn('a certificate was not signed', { request, error }) });
  }

  start(): void {
    const { cache, clock } = this.#options;
    this.#stopFollowing = followResource({
      cache, clock, resource: RESOURCE, onGap: () => cache.list(RESOURCE).items.forEach(({ object }) => this.#consider(object as Request)),
      onEvents: (events) => events.forEach(({ type, current }) => type === 'put' && this.#consider(current.object as Request)),
    });
  }

  stop(): void {
    this.#worker.stop();
    this.#stopFollowing();
  }

  #consider(request: Request): void {
    if (isToBeSigned(request)) this.#worker.note(request.metadata);
  }

  async #reconcile(name: string): Promise<void> {
    const request = this.#options.cache.get(RESOURCE, '', name)?.object as Request | undefined;
    if (request && isToBeSigned(request)) await this.#sign(request);
  }

  async #sign(request: Request): Promise<void> {
    const facts = await readCertificateRequest(request.spec.request);
    const usages = request.spec.usages ?? [];
    const problem = SIGNER_RULES[request.spec.signerName]?.(facts, usages);
    if (problem !== undefined) return this.#write(request, { conditions: [...(request.status?.conditions ?? []), { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: problem }] });
    const { signRequest } = await import('../pki/sign-request.ts');
    const { authority, clock } = this.#options;
    const validityMs = Math.min(request.spec.expirationSeconds ?? MAX_SECONDS, MAX_SECONDS) * 1000;
    const pem = await signRequest({ authority, request: request.spec.request, usages, validityMs, now: clock.now() });
    await this.#write(request, { certificate: Buffer.from(pem).toString('base64') });
  }

  async #write(request: Request, change: NonNullable<Request['status']>): Promise<void> {
    const body = { ...request, status: { ...request.status, ...change } };
    await writeAs(CERTIFICATE_CONTROLLER, this.#options.api, { method: 'PUT', path: `${PATH}/${encodeURIComponent(request.metadata.name)}/status`, body, userAgent: 'certificate-controller' });
  }
}

const isToBeSigned = (request: Request): boolean =>
  SIGNER_RULES[request.spec.signerName] !== undefined && !request.status?.certificate && hasCondition(request, 'Approved') && !hasCondition(request, 'Denied') && !hasCondition(request, 'Failed');
