import type { RedisFlags } from './redis-options.ts';
import type { UpFlags } from './up-options.ts';

/** Of Redis: of a server that runs alone. */
type ApiServerFlags = UpFlags & RedisFlags;

/** The flags of the API server. Those that may hold a credential are not among them: repositories and stores are named by URLs. */
const TOLD = [
  'dataDir', 'port', 'redisWaitReplicas', 'redisAllowLoss', 'logLevel', 'advertiseAddress', 'serviceCidr', 'serviceNodePortRange', 'requestTimeout', 'admissionControlConfigFile',
  'auditPolicyFile', 'auditLogPath', 'auditLogMaxsize', 'auditLogMaxbackup', 'authenticationConfig', 'anonymousAuth', 'serviceAccountExtendTokenExpiration',
  'oidcIssuerUrl', 'oidcClientId', 'oidcUsernameClaim', 'oidcUsernamePrefix', 'oidcGroupsClaim', 'oidcGroupsPrefix', 'oidcCaFile', 'oidcRequiredClaim', 'oidcSigningAlgs',
  'corsAllowedOrigins', 'strictTransportSecurityDirectives', 'goawayChance',
] as const satisfies readonly (keyof ApiServerFlags)[];

/** What `/flagz` tells: the flags that were given or have a default, by the names that they have on the command line. */
export const apiServerFlags = (flags: ApiServerFlags): Readonly<Record<string, string>> =>
  Object.fromEntries(TOLD.flatMap((key) => (flags[key] === undefined ? [] : [[key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(flags[key])]])));
