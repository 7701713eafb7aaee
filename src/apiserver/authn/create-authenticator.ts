import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { serverIdentity } from '../identity/server-identity.ts';
import { FRONT_PROXY_NAME, type Pki } from '../pki/pki.ts';
import { Authenticator } from './authenticator.ts';
import { BootstrapTokens } from './bootstrap-tokens.ts';
import { ClientCertificates } from './client-certificates.ts';
import type { AuthenticationConfiguration } from './oidc/configuration.ts';
import { JwtIssuers } from './oidc/jwt-issuers.ts';
import type { SecretTokens } from './secret-tokens.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export interface AuthenticationParts {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pki: Pick<Pki, 'ca' | 'frontProxy'>;
  /** Default: no other issuers, and anonymous requests on every path. */
  readonly authentication?: AuthenticationConfiguration;
  /** Of the machine. */
  readonly hostname?: string;
}

/** All ways in which the API server knows its users, put together. @throws AuthenticationConfigError */
export function createAuthenticator({ cache, clock, log, pki, authentication, hostname }: AuthenticationParts, tokens: readonly [ServiceAccountTokens, SecretTokens]): Authenticator {
  const certificates = new ClientCertificates({ authority: pki.ca, frontProxy: { authority: pki.frontProxy.ca, names: [FRONT_PROXY_NAME] }, clock });
  const issuers = new JwtIssuers(authentication?.jwt ?? [], { clock, log, ...(hostname === undefined ? {} : { serverId: serverIdentity(hostname) }) });
  const anonymous = authentication?.anonymous;
  return new Authenticator({
    certificates, tokens: [...tokens, new BootstrapTokens({ cache, clock }), issuers], issuers, clock, log, ...(anonymous ? { allowsAnonymous: (path) => isAllowed(anonymous, path) } : {}),
  });
}

function isAllowed({ enabled, conditions = [] }: NonNullable<AuthenticationConfiguration['anonymous']>, path: string): boolean {
  return enabled && (conditions.length === 0 || conditions.some((condition) => (condition.path ?? '') === path));
}
