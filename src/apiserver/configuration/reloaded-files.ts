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

/** The files of configuration that are put in force anew when they change. Who may ask without a token is not: as in Kubernetes, that takes a restart. */
export function reloadedFiles({ clock, log, hostname, authentication }: Sources, { authenticator }: { readonly authenticator: Authenticator }): readonly ReloadedFile[] {
  const common = { clock, log, serverId: hostname === undefined ? '' : serverIdentity(hostname) };
  const { issuers } = authenticator;
  if (authentication?.file === undefined || issuers === undefined) return [];
  const { path, data } = authentication.file;
  return [new ReloadedFile({ ...common, file: path, data, of: 'authentication', read: (bytes) => issuers.replacement(parseConfiguration(bytes).jwt) })];
}
