import type { UpFlags } from './up-options.ts';

/** The flags of the API server. Those that may hold a credential are not among them: repositories and stores are named by URLs. */
const TOLD = [
  'dataDir', 'port', 'logLevel', 'advertiseAddress', 'serviceCidr', 'serviceNodePortRange', 'requestTimeout', 'admissionControlConfigFile',
  'auditPolicyFile', 'auditLogPath', 'auditLogMaxsize', 'auditLogMaxbackup', 'authenticationConfig', 'anonymousAuth',
  'oidcIssuerUrl', 'oidcClientId', 'oidcUsernameClaim', 'oidcUsernamePrefix', 'oidcGroupsClaim', 'oidcGroupsPrefix', 'oidcCaFile', 'oidcRequiredClaim', 'oidcSigningAlgs',
] as const satisfies readonly (keyof UpFlags)[];

/** What `/flagz` tells: the flags that were given or have a default, by the names that they have on the command line. */
export const apiServerFlags = (flags: UpFlags): Readonly<Record<string, string>> =>
  Object.fromEntries(TOLD.flatMap((key) => (flags[key] === undefined ? [] : [[key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(flags[key])]])));
