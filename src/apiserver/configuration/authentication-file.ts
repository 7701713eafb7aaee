import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Authenticator } from '../authn/authenticator.ts';
import { type AuthenticationConfiguration, parseConfiguration } from '../authn/oidc/configuration.ts';
import { serverIdentity } from '../identity/server-identity.ts';
import { ReloadedFile } from './reloaded-file.ts';

interface Sources {
  readonly clock: Clock;
  readonly log: Logger;
  readonly hostname?: string;
  readonly authentication?: AuthenticationConfiguration;
}

/** The file of issuers, which are put in force anew when it changes. Who may ask without a token is not: as in Kubernetes, that takes a restart. */
export function authenticationFile({ clock, log, hostname, authentication }: Sources, { issuers }: Authenticator): ReloadedFile | undefined {
  if (authentication?.file === undefined || issuers === undefined) return undefined;
  const { path, data } = authentication.file;
  return new ReloadedFile({ file: path, data, of: 'authentication', serverId: hostname === undefined ? '' : serverIdentity(hostname), clock, log, read: (bytes) => issuers.replacement(parseConfiguration(bytes).jwt) });
}
