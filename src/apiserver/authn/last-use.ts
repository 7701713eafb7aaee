import type { Status } from '#api/generated/meta/v1.ts';
import { type KubeObject, joinKey } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiHandler, UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';

export interface LastUseOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The API, to which this is a client like any other. */
  readonly api: Pick<ApiHandler, 'handle'>;
}

const LABEL = 'kubernetes.io/legacy-token-last-used';
const WRITER: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
const DAY_MS = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Writes into the secrets of service accounts on which day (UTC) their token was last used, as Kubernetes does, so that people find those that nobody needs.
 * No request waits for it, and a day that was not written is written at the next use.
 */
export class LastUse {
  readonly #options: LastUseOptions;
  /** Keys of the secrets that are being written. */
  readonly #atWork = new Set<string>();

  constructor(options: LastUseOptions) {
    this.#options = options;
  }

  record({ metadata: { namespace = '', name, uid, labels } }: KubeObject): void {
    const now = this.#options.clock.now();
    const key = joinKey(namespace, name);
    // Another server's clock may be ahead.
    if ([dayOf(now), dayOf(now + DAY_MS)].includes(labels?.[LABEL] ?? '') || this.#atWork.has(key)) return;
    this.#atWork.add(key);
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const body = { metadata: { uid, labels: { [LABEL]: dayOf(now) } } };
    this.#options.api.handle({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json', userAgent: 'kube-apiserver' }, WRITER)
      .then((answer) => {
        if (answer.status >= 300) throw StatusError.fromStatus(answer.body as Status);
      })
      .catch((error: unknown) => this.#options.log.warn('the last use of a token was not recorded', { secret: key, error }))
      .finally(() => this.#atWork.delete(key));
  }
}
