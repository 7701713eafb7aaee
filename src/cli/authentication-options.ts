import { resolve } from 'node:path';
import type { Command } from 'commander';

/** How the API server knows users of other issuers; all as commander gives them. */
export interface AuthenticationFlags {
  readonly authenticationConfig?: string;
  readonly anonymousAuth?: string;
  readonly serviceAccountExtendTokenExpiration?: string;
  readonly oidcIssuerUrl?: string;
  readonly oidcClientId?: string;
  readonly oidcUsernameClaim?: string;
  readonly oidcUsernamePrefix?: string;
  readonly oidcGroupsClaim?: string;
  readonly oidcGroupsPrefix?: string;
  readonly oidcCaFile?: string;
  readonly oidcRequiredClaim?: readonly string[];
  readonly oidcSigningAlgs?: string;
}

const absolute = (file: string): string => resolve(file);
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export const addAuthenticationOptions = (command: Command): Command => command
  .option('--authentication-config <file>', 'AuthenticationConfiguration (apiserver.config.k8s.io/v1): issuers of tokens, and who may ask without any', absolute)
  .option('--anonymous-auth <boolean>', 'whether who shows no credentials may ask as system:anonymous (default: true)')
  .option('--service-account-extend-token-expiration <boolean>', 'whether the token that every pod gets is good for a year, though it says an hour (default: true)')
  .option('--oidc-issuer-url <url>', 'OpenID Connect issuer whose tokens count')
  .option('--oidc-client-id <id>', 'audience that its tokens must name')
  .option('--oidc-username-claim <claim>', 'claim with the name of the user (default: sub)')
  .option('--oidc-username-prefix <prefix>', 'before every name; "-" for none (default: the issuer and "#", none for claim email)')
  .option('--oidc-groups-claim <claim>', 'claim with the groups of the user')
  .option('--oidc-groups-prefix <prefix>', 'before every group')
  .option('--oidc-ca-file <file>', 'authority of the issuer\'s certificate, PEM (default: the system\'s)', absolute)
  .option('--oidc-required-claim <claim=value>', 'that a token must have; may be repeated', collect)
  .option('--oidc-signing-algs <list>', 'algorithms that count, separated by commas (default: RS256)');

/** Those of them that were given; undefined when none was. */
export function authenticationFlags(flags: AuthenticationFlags): AuthenticationFlags | undefined {
  const given = Object.entries(flags).filter(([name, value]) => value !== undefined && /^(?:authenticationConfig|anonymousAuth|serviceAccountExtendTokenExpiration|oidc[A-Z])/.test(name));
  return given.length === 0 ? undefined : (Object.fromEntries(given) as AuthenticationFlags);
}
