import type { Secret } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiHandler, ApiRequest, UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { followResource } from '../storage/follow-resource.ts';
import { ObjectWorker } from '../storage/object-worker.ts';
import { writeAs } from '../storage/write-as.ts';
import { ACCOUNT_SECRET_TYPE, type SecretTokens } from './secret-tokens.ts';

type AccountSecret = Secret & KubeObject;

export interface AccountSecretsOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly log: Logger;
  /** The API, to which this is a client like any other. */
  readonly api: Pick<ApiHandler, 'handle'>;
  readonly tokens: Pick<SecretTokens, 'issue'>;
  /** PEM of the API server's CA. */
  readonly ca: string;
}

const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
/** As whom Kubernetes does it: the bootstrap roles allow it to write secrets. */
const MANAGER: UserInfo = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };

/**
 * Puts a token into each secret that somebody makes for a service account (type `kubernetes.io/service-account-token`), and deletes the secrets of
 * accounts that are gone. It runs with the API server, so that no other process needs the key that signs. Several servers may do it at once: the first write counts.
 */
export class AccountSecrets {
  readonly #options: AccountSecretsOptions;
  readonly #worker: ObjectWorker;
  readonly #stops: (() => void)[] = [];

  constructor(options: AccountSecretsOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#worker = new ObjectWorker({
      clock, work: (namespace, name) => this.#reconcile(namespace, name), onFailure: (secret, error) => log.warn('a secret of a service account was not brought up to date', { secret, error }),
    });
  }

  start(): void {
    const { cache, clock } = this.#options;
    let hasBegun = false;
    const all = (namespace?: string): void => {
      for (const { object } of cache.list('secrets', namespace === undefined ? {} : { namespace }).items) this.#consider(object);
    };
    this.#stops.push(
      followResource({ cache, clock, resource: 'secrets', onGap: () => all(), onEvents: (events) => events.forEach(({ type, current }) => type === 'put' && this.#consider(current.object)) }),
      // The list at the beginning is that of the secrets.
      followResource({ cache, clock, resource: 'serviceaccounts', onGap: () => hasBegun && all(), onEvents: (events) => events.forEach(({ type, current }) => type === 'delete' && all(current.object.metadata.namespace)) }),
    );
    hasBegun = true;
  }

  stop(): void {
    this.#worker.stop();
    for (const stop of this.#stops.splice(0)) stop();
  }

  #consider(object: KubeObject): void {
    if ((object as AccountSecret).type === ACCOUNT_SECRET_TYPE) this.#worker.note(object.metadata);
  }

  async #reconcile(namespace: string, name: string): Promise<void> {
    const { cache, tokens, ca } = this.#options;
    // An account that was made together with its secret is there.
    await cache.sync();
    const secret = cache.get('secrets', namespace, name)?.object as AccountSecret | undefined;
    if (secret?.type !== ACCOUNT_SECRET_TYPE || secret.metadata.deletionTimestamp !== undefined) return;
    const account = cache.get('serviceaccounts', namespace, secret.metadata.annotations?.[NAME] ?? '')?.object.metadata;
    const { uid, resourceVersion, annotations } = secret.metadata;
    if (account?.uid === undefined || (annotations?.[UID] ?? account.uid) !== account.uid) return this.#send('DELETE', secret, { preconditions: { uid, resourceVersion } });
    const wanted = { 'ca.crt': encoded(ca), namespace: secret.data?.['namespace'] ?? encoded(namespace) };
    const isComplete = secret.data?.['token'] && annotations?.[UID] && Object.entries(wanted).every(([key, value]) => secret.data?.[key] === value);
    if (isComplete) return;
    const token = secret.data?.['token'] ?? encoded(await tokens.issue({ namespace, secret: name, account: { name: account.name, uid: account.uid } }));
    await this.#send('PUT', secret, { ...secret, metadata: { ...secret.metadata, annotations: { ...annotations, [UID]: account.uid } }, data: { ...secret.data, ...wanted, token } });
  }

  async #send(method: ApiRequest['method'], { metadata: { namespace = '', name } }: AccountSecret, body: object): Promise<void> {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    await writeAs(MANAGER, this.#options.api, { method, path, body, userAgent: 'kube-controller-manager' });
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
