import type { Secret } from '#api/generated/core/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import { type KubeObject, joinKey } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiHandler, ApiRequest, UserInfo } from '#api/transport.ts';
import { type Clock, formatTime } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { followResource } from '../storage/follow-resource.ts';
import { PATCH_TYPES } from '../verbs/patch.ts';
import { ACCOUNT_SECRET_TYPE, type SecretTokens } from './secret-tokens.ts';

type AccountSecret = Secret & KubeObject;

export interface AccountSecretsOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly log: Logger;
  /** The API, to which this is a client like any other. */
  readonly api: Pick<ApiHandler, 'handle'>;
  readonly tokens: Pick<SecretTokens, 'issue' | 'onUse'>;
  /** PEM of the API server's CA. */
  readonly ca: string;
}

const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
const RETRY_MS = 5_000;
/** The day, in UTC, on which the token was last used: tokens that nobody uses can be found by it. */
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
/** As whom Kubernetes does it: the bootstrap roles allow it to write secrets. */
const MANAGER: UserInfo = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };
/** As whom the API server itself tells of the use of a token. */
const SERVER: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] };

/**
 * Puts a token into each secret that somebody makes for a service account (type `kubernetes.io/service-account-token`), and deletes the secrets of
 * accounts that are gone, and writes down on which day a token was last used. It runs with the API server, so that no other process needs the key that signs. Several servers may do it at once: the first write counts.
 */
export class AccountSecrets {
  readonly #options: AccountSecretsOptions;
  /** Whether something happened since the work on a secret began. */
  readonly #atWork = new Map<string, boolean>();
  readonly #stops: (() => void)[] = [];
  /** By the key of the secret. */
  readonly #marked = new Set<string>();
  /** By the key of the secret. */
  readonly #retries = new Map<string, () => void>();
  #isOver = false;

  constructor(options: AccountSecretsOptions) {
    this.#options = options;
  }

  start(): void {
    const { cache, clock } = this.#options;
    const all = (namespace?: string): void => {
      for (const { object } of cache.list('secrets', namespace === undefined ? {} : { namespace }).items) this.#consider(object);
    };
    this.#options.tokens.onUse((secret) => this.#markUsed(secret));
    this.#stops.push(
      followResource({ cache, clock, resource: 'secrets', onGap: () => all(), onEvents: (events) => events.forEach(({ type, current }) => type === 'put' && this.#consider(current.object)) }),
      followResource({ cache, clock, resource: 'serviceaccounts', onGap: () => all(), onEvents: (events) => events.forEach(({ type, current }) => type === 'delete' && all(current.object.metadata.namespace)) }),
    );
  }

  stop(): void {
    this.#isOver = true;
    for (const stop of [...this.#stops.splice(0), ...this.#retries.values()]) stop();
  }

  /** One at a time for each secret, and once more when it was told of meanwhile. */
  #consider(object: KubeObject): void {
    if ((object as AccountSecret).type !== ACCOUNT_SECRET_TYPE || this.#isOver) return;
    const { namespace = '', name } = object.metadata;
    const key = joinKey(namespace, name);
    if (this.#atWork.has(key)) return void this.#atWork.set(key, true);
    this.#atWork.set(key, false);
    void this.#reconcile(namespace, name).catch((error: unknown) => this.#failed(key, object, error)).finally(() => {
      const isStale = this.#atWork.get(key);
      this.#atWork.delete(key);
      if (isStale) this.#consider(object);
    });
  }

  /** One write a day for each secret; one that fails is tried again at the next use. */
  #markUsed(secret: AccountSecret): void {
    const today = formatTime(this.#options.clock.now()).slice(0, 'YYYY-MM-DD'.length);
    const { uid = '', labels } = secret.metadata;
    if (labels?.[LAST_USED] === today || this.#marked.has(uid) || this.#isOver) return;
    this.#marked.add(uid);
    const mark = { metadata: { uid, labels: { [LAST_USED]: today } } };
    void this.#send(SERVER, 'PATCH', secret, mark).catch((error: unknown) => this.#options.log.warn('the use of a token was not written down', { secret: secret.metadata.name, error })).finally(() => this.#marked.delete(uid));
  }

  #failed(key: string, object: KubeObject, error: unknown): void {
    if (this.#isOver) return;
    this.#options.log.warn('a secret of a service account was not brought up to date', { secret: key, error });
    this.#retries.get(key)?.();
    this.#retries.set(key, this.#options.clock.after(RETRY_MS, () => {
      this.#retries.delete(key);
      this.#consider(object);
    }));
  }

  async #reconcile(namespace: string, name: string): Promise<void> {
    const { cache, tokens, ca } = this.#options;
    // An account that was made together with its secret is there.
    await cache.sync();
    const secret = cache.get('secrets', namespace, name)?.object as AccountSecret | undefined;
    if (secret?.type !== ACCOUNT_SECRET_TYPE || secret.metadata.deletionTimestamp !== undefined) return;
    const account = cache.get('serviceaccounts', namespace, secret.metadata.annotations?.[NAME] ?? '')?.object.metadata;
    const { uid, resourceVersion, annotations } = secret.metadata;
    if (account?.uid === undefined || (annotations?.[UID] ?? account.uid) !== account.uid) return this.#send(MANAGER, 'DELETE', secret, { preconditions: { uid, resourceVersion } });
    const wanted = { 'ca.crt': encoded(ca), namespace: secret.data?.['namespace'] ?? encoded(namespace) };
    const isComplete = secret.data?.['token'] && annotations?.[UID] && Object.entries(wanted).every(([key, value]) => secret.data?.[key] === value);
    if (isComplete) return;
    const token = secret.data?.['token'] ?? encoded(await tokens.issue({ namespace, secret: name, account: { name: account.name, uid: account.uid } }));
    await this.#send(MANAGER, 'PUT', secret, { ...secret, metadata: { ...secret.metadata, annotations: { ...annotations, [UID]: account.uid } }, data: { ...secret.data, ...wanted, token } });
  }

  async #send(as: UserInfo, method: ApiRequest['method'], { metadata: { namespace = '', name } }: AccountSecret, body: object): Promise<void> {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const answer = await this.#options.api.handle({ method, path, body, contentType: method === 'PATCH' ? PATCH_TYPES.merge : 'application/json', userAgent: as === SERVER ? 'kube-apiserver' : 'kube-controller-manager' }, as);
    // Somebody else was faster, and the watch tells what there is now; or it is gone.
    if (answer.status >= 300 && answer.status !== 409 && answer.status !== 404) throw StatusError.fromStatus(answer.body as Status);
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
