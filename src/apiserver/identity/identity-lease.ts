import { randomUUID } from 'node:crypto';
import type { Lease } from '#api/generated/coordination/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { LEASES } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiHandler, ApiRequest, UserInfo } from '#api/transport.ts';
import { type Clock, formatMicroTime } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { serverIdentity } from './server-identity.ts';

export interface IdentityLeaseOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly log: Logger;
  /** The API, to which this is a client like any other. */
  readonly api: Pick<ApiHandler, 'handle'>;
  /** Of the machine. */
  readonly hostname: string;
}

const NAMESPACE = 'kube-system';
const PATH = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
const LABEL = 'apiserver.kubernetes.io/identity';
const SERVER = 'kube-apiserver';
const WRITER: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
const DURATION_SECONDS = 3_600;
/** Kubernetes renews every 10 seconds what holds for an hour, and each renewal is a write: five that fail are enough to lose. */
const RENEW_MS = 600_000;
const RETRY_MS = 10_000;
const NOT_FOUND = 404;
const CONFLICT = 409;

/**
 * Tells by a Lease, as Kubernetes does, that there is an API server on this machine, and takes away those of servers that are no more. The
 * holder is another after each start; the Lease of a server that ends stays until it has expired.
 */
export class IdentityLease {
  readonly #options: IdentityLeaseOptions;
  readonly #name: string;
  readonly #holder: string;
  #cancel: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: IdentityLeaseOptions) {
    this.#options = options;
    this.#name = serverIdentity(options.hostname);
    this.#holder = `${this.#name}_${randomUUID()}`;
  }

  /** Nobody waits for the first write: it is tried again until it succeeds. */
  start(): void {
    this.#running = this.#work();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#running;
  }

  async #work(): Promise<void> {
    const { clock, log } = this.#options;
    let nextMs = RENEW_MS;
    try {
      await this.#renew();
      await this.#collect();
    } catch (error) {
      nextMs = RETRY_MS;
      if (!this.#isOver) log.warn('the Lease that tells of this API server was not renewed; it is tried again', { lease: this.#name, error });
    }
    if (!this.#isOver) this.#cancel = clock.after(nextMs, () => this.start());
  }

  async #renew(): Promise<void> {
    const { clock, hostname } = this.#options;
    const labels = { [LABEL]: SERVER, 'kubernetes.io/hostname': hostname };
    const spec = { holderIdentity: this.#holder, leaseDurationSeconds: DURATION_SECONDS, renewTime: formatMicroTime(clock.now()) };
    const isThere = await this.#send({ method: 'PATCH', path: `${PATH}/${this.#name}`, body: { metadata: { labels }, spec }, contentType: 'application/merge-patch+json' }, NOT_FOUND);
    if (!isThere) await this.#send({ method: 'POST', path: PATH, body: { metadata: { name: this.#name, labels }, spec } });
  }

  /** One that was renewed meanwhile stays. */
  async #collect(): Promise<void> {
    const { cache, clock } = this.#options;
    const isExpired = ({ spec: { renewTime, leaseDurationSeconds } = {} }: Lease): boolean =>
      renewTime === undefined || leaseDurationSeconds === undefined || Date.parse(renewTime) + leaseDurationSeconds * 1_000 < clock.now();
    const leases = cache.list(groupResource(LEASES), { namespace: NAMESPACE }).items.map(({ object }) => object as Lease & KubeObject);
    for (const { metadata: { name, resourceVersion } } of leases.filter((lease) => lease.metadata.labels?.[LABEL] === SERVER && isExpired(lease))) {
      await this.#send({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(name)}`, body: { preconditions: { resourceVersion } } }, NOT_FOUND, CONFLICT);
    }
  }

  /** False for one of the failures that are expected. @throws StatusError for the others */
  async #send(request: ApiRequest, ...expected: readonly number[]): Promise<boolean> {
    const { status, body } = await this.#options.api.handle({ ...request, userAgent: SERVER }, WRITER);
    if (status < 300) return true;
    if (expected.includes(status)) return false;
    throw StatusError.fromStatus(body as Status);
  }
}
