import { readFileSync } from 'node:fs';
import { ALGORITHMS, type AuthenticationConfiguration, type JwtIssuer, parseConfiguration, requireIssuers } from '#apiserver/authn/oidc/configuration.ts';
import { asError } from '#base/errors.ts';
import type { AuthenticationFlags } from '../authentication-options.ts';
import { UsageError } from '../usage-error.ts';

/** What the flags say, with the files that they name. @throws UsageError */
export function authenticationOf(flags: AuthenticationFlags): AuthenticationConfiguration {
  const { authenticationConfig: file, oidcIssuerUrl } = flags;
  const enabled = booleanOf('--anonymous-auth', flags.anonymousAuth);
  const extendsPodTokens = booleanOf('--service-account-extend-token-expiration', flags.serviceAccountExtendTokenExpiration);
  const oidc = Object.entries(flags).some(([name, value]) => name.startsWith('oidc') && value !== undefined);
  if (file !== undefined && oidc) throw new UsageError('--authentication-config and --oidc-* cannot be used together; write the issuer into the file');
  if (oidc && (!oidcIssuerUrl || !flags.oidcClientId)) throw new UsageError('--oidc-issuer-url and --oidc-client-id must be given together');
  const read: AuthenticationConfiguration = file !== undefined ? readConfiguration(file) : { jwt: oidc ? [classicIssuer(flags)] : [] };
  const configuration = { ...read, ...(extendsPodTokens === undefined ? {} : { extendsPodTokens }) };
  if (enabled === undefined) return configuration;
  if (configuration.anonymous) throw new UsageError('--anonymous-auth cannot be used when the authentication configuration says it too');
  return { ...configuration, anonymous: { enabled } };
}

function booleanOf(flag: string, text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'true' || text === 'false') return text === undefined ? undefined : text === 'true';
  throw new UsageError(`${flag} ${text}: say true or false`);
}

function readConfiguration(file: string): AuthenticationConfiguration {
  try {
    const data = readFileSync(file);
    return { ...parseConfiguration(data), file: { path: file, data } };
  } catch (cause) {
    throw new UsageError(`--authentication-config ${file}: ${asError(cause).message}`, { cause });
  }
}

/** The flags that came before the file, in its words. */
function classicIssuer(flags: AuthenticationFlags): JwtIssuer {
  const { oidcIssuerUrl: url = '', oidcClientId = '', oidcUsernameClaim: claim = 'sub', oidcUsernamePrefix, oidcGroupsClaim, oidcGroupsPrefix: prefix, oidcSigningAlgs = 'RS256' } = flags;
  const usernamePrefix = oidcUsernamePrefix === '-' ? '' : (oidcUsernamePrefix ?? (claim === 'email' ? '' : `${url}#`));
  const issuer: JwtIssuer = {
    issuer: { url, audiences: [oidcClientId], ...authorityOf(flags.oidcCaFile) }, claimMappings: { username: { claim, prefix: usernamePrefix }, ...(oidcGroupsClaim ? { groups: { claim: oidcGroupsClaim, prefix: prefix ?? '' } } : {}) },
    claimValidationRules: (flags.oidcRequiredClaim ?? []).map(requiredClaim),
  };
  try {
    requireIssuers([issuer]);
  } catch (cause) {
    throw new UsageError(`--oidc-issuer-url ${url}: ${asError(cause).message}`, { cause });
  }
  const algorithms = oidcSigningAlgs.split(',');
  const unknown = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm));
  if (unknown !== undefined) throw new UsageError(`--oidc-signing-algs: unsupported signing alg: ${JSON.stringify(unknown)}`);
  return { ...issuer, algorithms };
}

function authorityOf(file: string | undefined): { readonly certificateAuthority?: string } {
  if (file === undefined) return {};
  try {
    return { certificateAuthority: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new UsageError(`--oidc-ca-file ${file}: ${asError(cause).message}`, { cause });
  }
}

function requiredClaim(text: string): { readonly claim: string; readonly requiredValue: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`--oidc-required-claim ${text}: say claim=value`);
  return { claim: text.slice(0, equals), requiredValue: text.slice(equals + 1) };
}
