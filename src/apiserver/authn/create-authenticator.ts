import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { FRONT_PROXY_NAME, type Pki } from '../pki/pki.ts';
import { Authenticator } from './authenticator.ts';
import { BootstrapTokens } from './bootstrap-tokens.ts';
import { ClientCertificates } from './client-certificates.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export interface AuthenticationParts {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pki: Pick<Pki, 'ca' | 'frontProxy'>;
}

/** All ways in which the API server knows its users, put together. */
export function createAuthenticator({ cache, clock, log, pki }: AuthenticationParts, tokens: ServiceAccountTokens): Authenticator {
  const certificates = new ClientCertificates({ authority: pki.ca, frontProxy: { authority: pki.frontProxy.ca, names: [FRONT_PROXY_NAME] }, clock });
  return new Authenticator({ certificates, tokens: [tokens, new BootstrapTokens({ cache, clock })], clock, log });
}
