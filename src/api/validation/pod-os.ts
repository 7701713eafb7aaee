import type { Problems } from './problems.ts';
import type { PodSpec } from '#api/generated/core/v1.ts';

const SYSTEMS = ['linux', 'windows'];
/** What Windows knows nothing of. */
const POD_CONTEXT = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy'] as const;
const POD = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;
const CONTAINER_CONTEXT = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'] as const;

/** A pod that says on which system it runs may not ask for what the system lacks. */
export function validateSystem(problems: Problems, path: string, spec: PodSpec): void {
  const name = spec.os?.name;
  if (spec.os === undefined) return;
  if (!name) return problems.required(`${path}.os.name`, 'cannot be empty');
  if (!SYSTEMS.includes(name)) return problems.notSupported(`${path}.os`, name, SYSTEMS);
  const refuse = name === 'linux' ? refuseOnLinux : refuseOnWindows;
  refuse(problems, path, spec);
}

type ContextVisit = (field: string, context: Readonly<Record<string, unknown>>) => void;

function visitContexts(path: string, spec: PodSpec, visit: ContextVisit): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, { securityContext }] of (spec[list] ?? []).entries()) if (securityContext !== undefined) visit(`${path}.${list}[${i}].securityContext`, securityContext as Readonly<Record<string, unknown>>);
  }
}

function refuseOnLinux(problems: Problems, path: string, spec: PodSpec): void {
  const why = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions !== undefined) problems.forbidden(`${path}.securityContext.windowsOptions`, why);
  visitContexts(path, spec, (field, { windowsOptions }) => { if (windowsOptions !== undefined) problems.forbidden(`${field}.windowsOptions`, why); });
}

function refuseOnWindows(problems: Problems, path: string, spec: PodSpec): void {
  const why = 'cannot be set for a windows pod';
  for (const name of POD) if (spec[name] !== undefined && (name === 'hostUsers' || name === 'shareProcessNamespace' || spec[name] === true)) problems.forbidden(`${path}.${name}`, why);
  for (const name of POD_CONTEXT) if (spec.securityContext?.[name] !== undefined) problems.forbidden(`${path}.securityContext.${name}`, why);
  visitContexts(path, spec, (field, context) => {
    for (const name of CONTAINER_CONTEXT) if (context[name] !== undefined) problems.forbidden(`${field}.${name}`, why);
  });
}
