import type { Secret, ServiceAccount } from '#api/generated/core/v1.ts';
import { joinKey, keyOf, type KubeObject } from '#api/object.ts';
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

interface Owner {
  readonly name: string;
  readonly uid: string | undefined;
}

const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
/** Somebody else may change the account meanwhile. */
const UNLIST_TRIES = 5;
/** As whom Kubernetes does it: the bootstrap roles allow it to write secrets. */
const MANAGER: UserInfo = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };

/**
 * Puts a token into each secret that somebody makes for a service account (type `kubernetes.io/service-account-token`), and deletes the secrets of
 * accounts that are gone, and what accounts say of secrets that are gone. It runs with the API server, so that no other process needs the key that signs. Several servers may do it at once: the first write counts.
 */
export class AccountSecrets {
  readonly #options: AccountSecretsOptions;
  readonly #worker: ObjectWorker;
  readonly #stops: (() => void)[] = [];
  /** Whose the secrets were that are gone, until they are not listed there. */
  readonly #gone = new Map<string, Owner>();

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
      followResource({ cache, clock, resource: 'secrets', onGap: () => all(), onEvents: (events) => events.forEach(({ type, current }) => (type === 'put' ? this.#consider(current.object) : this.#forget(current.object))) }),
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

  #forget(object: KubeObject): void {
    const { type, metadata } = object as AccountSecret;
    if (type !== ACCOUNT_SECRET_TYPE) return;
    this.#gone.set(keyOf(object), { name: metadata.annotations?.[NAME] ?? '', uid: metadata.annotations?.[UID] });
    this.#worker.note(metadata);
  }

  async #reconcile(namespace: string, name: string): Promise<void> {
    const { cache, tokens, ca } = this.#options;
    // An account that was made together with its secret is there.
    await cache.sync();
    const secret = cache.get('secrets', namespace, name)?.object as AccountSecret | undefined;
    if (secret === undefined) return this.#unlist(namespace, name);
    if (secret.type !== ACCOUNT_SECRET_TYPE || secret.metadata.deletionTimestamp !== undefined) return;
    const account = cache.get('serviceaccounts', namespace, secret.metadata.annotations?.[NAME] ?? '')?.object.metadata;
    const { uid, resourceVersion, annotations } = secret.metadata;
    if (account?.uid === undefined || (annotations?.[UID] ?? account.uid) !== account.uid) return this.#send('DELETE', secret, { preconditions: { uid, resourceVersion } });
    const wanted = { 'ca.crt': encoded(ca), namespace: secret.data?.['namespace'] || encoded(namespace) };
    const isComplete = secret.data?.['token'] && annotations?.[UID] && Object.entries(wanted).every(([key, value]) => secret.data?.[key] === value);
    if (isComplete) return;
    const token = secret.data?.['token'] || encoded(await tokens.issue({ namespace, secret: name, account: { name: account.name, uid: account.uid } }));
    await this.#send('PUT', secret, { ...secret, metadata: { ...secret.metadata, annotations: { ...annotations, [UID]: account.uid } }, data: { ...secret.data, ...wanted, token } });
  }

  async #send(method: ApiRequest['method'], { metadata: { namespace = '', name } }: AccountSecret, body: object): Promise<void> {
    await this.#write(method, namespace, `secrets/${encodeURIComponent(name)}`, body);
  }

  /** A secret that is gone is no longer one that its account lists. */
  async #unlist(namespace: string, name: string): Promise<void> {
    const key = joinKey(namespace, name);
    const owner = this.#gone.get(key);
    for (let attempt = 0; owner !== undefined && attempt < UNLIST_TRIES; attempt++) {
      const account = this.#options.cache.get('serviceaccounts', namespace, owner.name)?.object as (ServiceAccount & KubeObject) | undefined;
      const rest = account?.secrets?.filter((listed) => listed.name !== name);
      if (account === undefined || (owner.uid || account.metadata.uid) !== account.metadata.uid || rest?.length === account.secrets?.length) break;
      await this.#write('PUT', namespace, `serviceaccounts/${encodeURIComponent(owner.name)}`, { ...account, secrets: rest });
      await this.#options.cache.sync();
    }
    this.#gone.delete(key);
  }

  async #write(method: ApiRequest['method'], namespace: string, object: string, body: object): Promise<void> {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${object}`;
    await writeAs(MANAGER, this.#options.api, { method, path, body, userAgent: 'kube-controller-manager' });
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
