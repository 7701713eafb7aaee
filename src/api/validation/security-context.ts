import { goForm, SECCOMP_PROFILE, SECURITY_CONTEXT } from './go-form.ts';
import { checkLocalPath } from './paths.ts';
import type { Problems } from './problems.ts';
import { validateHostProcess, validateWindowsOptions } from './windows-options.ts';
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '#api/generated/core/v1.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const MAX_ID = 2 ** 31 - 1;
const MAX_PROFILE = 4095;
const MAX_SYSCTL = 253;
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const SYSCTL_TEXT = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const IPC_SYSCTL = /^(?:kernel[./](?:sem|shm|msg)|fs[./]mqueue[./])/;

export function validateSecurityContext(problems: Problems, field: string, context: SecurityContext, usesHostUsers: boolean): void {
  for (const name of ['runAsUser', 'runAsGroup'] as const) problems.between(`${field}.${name}`, context[name], 0, MAX_ID);
  if (context.procMount !== undefined) {
    if (!['Default', 'Unmasked'].includes(context.procMount)) problems.notSupported(`${field}.procMount`, context.procMount, ['Default', 'Unmasked']);
    if (usesHostUsers && context.procMount === 'Unmasked') problems.invalid(`${field}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`');
  }
  validateSeccomp(problems, `${field}.seccompProfile`, context.seccompProfile);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) problems.invalid(field, goForm(context, SECURITY_CONTEXT), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) problems.invalid(field, goForm(context, SECURITY_CONTEXT), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
  }
  validateAppArmor(problems, `${field}.appArmorProfile`, context.appArmorProfile);
  validateWindowsOptions(problems, `${field}.windowsOptions`, context.windowsOptions);
}

export function validatePodSecurityContext(problems: Problems, path: string, spec: PodSpec): void {
  const context = spec.securityContext;
  const field = `${path}.securityContext`;
  for (const name of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) problems.between(`${field}.${name}`, context?.[name], 0, MAX_ID);
  for (const [i, group] of (context?.supplementalGroups ?? []).entries()) problems.between(`${field}.supplementalGroups[${i}]`, group, 0, MAX_ID);
  if (spec.hostPID === true && spec.shareProcessNamespace === true) problems.invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled');
  validateHostProcess(problems, path, spec);
  if (context === undefined) return;
  validateSysctls(problems, `${field}.sysctls`, context, spec);
  checkPolicy(problems, `${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']);
  validateSeccomp(problems, `${field}.seccompProfile`, context.seccompProfile);
  validateAppArmor(problems, `${field}.appArmorProfile`, context.appArmorProfile);
  validateWindowsOptions(problems, `${field}.windowsOptions`, context.windowsOptions);
  checkPolicy(problems, `${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']);
  checkPolicy(problems, `${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['MountOption', 'Recursive']);
}

/** An empty text is a policy that nobody knows. */
function checkPolicy(problems: Problems, field: string, policy: string | undefined, known: readonly string[]): void {
  if (policy !== undefined && !known.includes(policy)) problems.notSupported(field, policy, known);
}

function validateSysctls(problems: Problems, field: string, { sysctls = [] }: PodSecurityContext, { hostNetwork, hostIPC }: PodSpec): void {
  const first = firstIndexes(sysctls.map(({ name }) => name));
  for (const [i, { name }] of sysctls.entries()) {
    const path = `${field}[${i}].name`;
    if (!name) problems.required(path);
    else if (name.length > MAX_SYSCTL || !SYSCTL.test(name)) problems.invalid(path, name, `must have at most ${MAX_SYSCTL} characters and match regex ${SYSCTL_TEXT}`);
    else if (first.get(name) !== i) problems.duplicate(path, name);
    if (hostNetwork === true && /^net[./]/.test(name)) problems.invalid(path, name, "may not be specified when 'hostNetwork' is true");
    else if (hostIPC === true && IPC_SYSCTL.test(name)) problems.invalid(path, name, "may not be specified when 'hostIPC' is true");
  }
}

function validateSeccomp(problems: Problems, field: string, profile: SeccompProfile | undefined): void {
  if (profile === undefined) return;
  if (!profile.type) problems.required(`${field}.type`, 'type is required when seccompProfile is set');
  else if (!PROFILE_TYPES.includes(profile.type)) problems.notSupported(`${field}.type`, profile.type, PROFILE_TYPES);
  if (profile.type !== 'Localhost') {
    if (profile.localhostProfile !== undefined) problems.invalid(`${field}.localhostProfile`, goForm(profile, SECCOMP_PROFILE), 'can only be set when seccomp type is Localhost');
  } else if (profile.localhostProfile === undefined) problems.required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost');
  else checkLocalPath(problems, `${field}.localhostProfile`, profile.localhostProfile);
}

function validateAppArmor(problems: Problems, field: string, profile: AppArmorProfile | undefined): void {
  if (profile === undefined) return;
  const { type, localhostProfile: local } = profile;
  if (!type) return problems.required(`${field}.type`, 'type is required when appArmorProfile is set');
  if (!PROFILE_TYPES.includes(type)) return problems.notSupported(`${field}.type`, type, PROFILE_TYPES);
  if (type !== 'Localhost') {
    if (local !== undefined) problems.invalid(`${field}.localhostProfile`, local, 'can only be set when AppArmor type is Localhost');
    return;
  }
  if (local === undefined || local === '') return problems.required(`${field}.localhostProfile`, 'must be set when AppArmor type is Localhost');
  if (local.trim() !== local) problems.invalid(`${field}.localhostProfile`, local, 'must not be padded with whitespace');
  if (local.length > MAX_PROFILE) problems.tooLong(`${field}.localhostProfile`, MAX_PROFILE);
}
