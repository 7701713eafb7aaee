import { timingSafeEqual } from 'node:crypto';
import { bootstrapTokenEndMs } from '#api/bootstrap-tokens.ts';
import type { Secret } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { TokenAuthenticator } from './token-authenticator.ts';

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const BASE_GROUP = 'system:bootstrappers';

/** Tokens with which new nodes introduce themselves: secrets `bootstrap-token-<id>` of kube-system. */
export class BootstrapTokens implements TokenAuthenticator {
  readonly #cache: WatchCache;
  readonly #clock: Clock;

  constructor(options: { readonly cache: WatchCache; readonly clock: Clock }) {
    this.#cache = options.cache;
    this.#clock = options.clock;
  }

  authenticate(token: string): UserInfo | undefined {
    const [, id, secret] = TOKEN.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const found = this.#cache.get('secrets', 'kube-system', `bootstrap-token-${id}`)?.object as (Secret & KubeObject) | undefined;
    if (found === undefined || found.type !== 'bootstrap.kubernetes.io/token' || found.metadata.deletionTimestamp !== undefined) return undefined;
    const value = (key: string): string => Buffer.from(found.data?.[key] ?? '', 'base64').toString('utf8');
    if (value('token-id') !== id || !isSame(value('token-secret'), secret) || value('usage-bootstrap-authentication') !== 'true') return undefined;
    const groups = groupsOf(value('auth-extra-groups'));
    if (groups === undefined || bootstrapTokenEndMs(value('expiration')) <= this.#clock.now()) return undefined;
    return { name: `system:bootstrap:${id}`, groups: [...groups, 'system:authenticated'] };
  }
}

const isSame = (a: string, b: string): boolean => Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** By name. Undefined when one of them could be taken for a group of another kind. */
function groupsOf(text: string): readonly string[] | undefined {
  const extra = text === '' ? [] : text.split(',');
  return extra.every((group) => GROUP.test(group)) ? [BASE_GROUP, ...new Set(extra.toSorted())] : undefined;
}
