import { readCertificateRequest } from '#api/certificates/certificate-request.ts';
import { hasCondition, SIGNER_RULES } from '#api/certificates/signers.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { CERTIFICATE_SIGNING_REQUESTS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiHandler, UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { KeyPairPem } from '../pki/certificates.ts';
import { followResource } from '../storage/follow-resource.ts';

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
const RETRY_MS = 5_000;

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
  readonly #atWork = new Set<string>();
  readonly #stops: (() => void)[] = [];
  /** By the name of the request. */
  readonly #retries = new Map<string, () => void>();
  #isOver = false;

  constructor(options: CertificateSignerOptions) {
    this.#options = options;
  }

  start(): void {
    const { cache, clock } = this.#options;
    this.#stops.push(followResource({
      cache, clock, resource: RESOURCE, onGap: () => cache.list(RESOURCE).items.forEach(({ object }) => this.#consider(object as Request)),
      onEvents: (events) => events.forEach(({ type, current }) => type === 'put' && this.#consider(current.object as Request)),
    }));
  }

  stop(): void {
    this.#isOver = true;
    for (const stop of [...this.#stops.splice(0), ...this.#retries.values()]) stop();
  }

  #consider(request: Request): void {
    const { name } = request.metadata;
    if (this.#isOver || this.#atWork.has(name) || !isToBeSigned(request)) return;
    this.#atWork.add(name);
    void this.#sign(request).catch((error: unknown) => this.#retry(name, error)).finally(() => this.#atWork.delete(name));
  }

  #retry(name: string, error: unknown): void {
    this.#options.log.warn('a certificate was not signed', { request: name, error });
    this.#retries.get(name)?.();
    this.#retries.set(name, this.#options.clock.after(RETRY_MS, () => {
      this.#retries.delete(name);
      const present = this.#options.cache.get(RESOURCE, '', name)?.object;
      if (present) this.#consider(present as Request);
    }));
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
    const answer = await this.#options.api.handle({ method: 'PUT', path: `${PATH}/${encodeURIComponent(request.metadata.name)}/status`, body, userAgent: 'certificate-controller' }, CERTIFICATE_CONTROLLER);
    // Somebody else was faster, and the watch tells what there is now; or it is gone.
    if (answer.status >= 300 && answer.status !== 409 && answer.status !== 404) throw StatusError.fromStatus(answer.body as Status);
  }
}

const isToBeSigned = (request: Request): boolean =>
  SIGNER_RULES[request.spec.signerName] !== undefined && !request.status?.certificate && hasCondition(request, 'Approved') && !hasCondition(request, 'Denied') && !hasCondition(request, 'Failed');
