import type { Problems } from '../problems.ts';
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus, ResourceStatus } from '#api/generated/core/v1.ts';
import { firstIndexes } from '#base/first-indexes.ts';

type List = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';

const MAX_ID = 2 ** 31 - 1;
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];
const LISTS: readonly List[] = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];

/** A container that ended for good does not come back. */
export function checkStates(problems: Problems, status: PodStatus, { spec, status: old = {} }: Pod): void {
  for (const list of LISTS) {
    for (const [i, { name, state }] of (old[list] ?? []).entries()) {
      if (state?.terminated === undefined || mayReturn(spec, list, name, state.terminated.exitCode)) continue;
      if (status[list]?.some((now) => now.name === name && now.state?.terminated === undefined)) problems.forbidden(`status.${list}[${i}].state`, 'may not be transitioned to non-terminated state');
    }
  }
}

/** Its rules go before its policy, and that before the pod's; one that restarts all containers may do it to every one. */
function mayReturn(spec: PodSpec, list: List, name: string, exitCode: number): boolean {
  if (list === 'ephemeralContainerStatuses') return false;
  const { initContainers = [], containers = [] } = spec;
  if ([...initContainers, ...containers].some(({ restartPolicyRules = [] }) => restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'))) return true;
  const own = (list === 'containerStatuses' ? containers : initContainers).find((container) => container.name === name);
  if (own === undefined) return false;
  if (own.restartPolicy !== undefined && ruleFor(own, exitCode)?.action === 'Restart') return true;
  const policy = own.restartPolicy ?? spec.restartPolicy;
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}

function ruleFor({ restartPolicyRules = [] }: Container, exitCode: number): NonNullable<Container['restartPolicyRules']>[number] | undefined {
  return restartPolicyRules.find(({ exitCodes }) => {
    const isNamed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === 'In' ? isNamed : exitCodes?.operator === 'NotIn' && !isNamed;
  });
}

export function checkUsers(problems: Problems, status: PodStatus, os: string | undefined): void {
  for (const list of LISTS) for (const [i, { user }] of (status[list] ?? []).entries()) {
    const field = `status.${list}[${i}].linux`;
    const linux = user?.linux;
    if (linux === undefined) continue;
    if (os === 'windows') problems.forbidden(field, 'cannot be set for a windows pod');
    else {
      for (const name of ['uid', 'gid'] as const) problems.between(`${field}.${name}`, linux[name], 0, MAX_ID);
      for (const [j, group] of (linux.supplementalGroups ?? []).entries()) problems.between(`${field}.supplementalGroups[${j}]`, group, 0, MAX_ID);
    }
  }
}

/** How the devices that the containers got are. Of a container that the pod lacks nothing is known. */
export function checkDevices(problems: Problems, status: PodStatus, { containers = [], initContainers = [] }: PodSpec): void {
  const tell = (list: List, all: readonly Container[]): void => {
    for (const [i, one] of (status[list] ?? []).entries()) checkAllocated(problems, `status.${list}[${i}].allocatedResourcesStatus`, one, all.find(({ name }) => name === one.name));
  };
  tell('containerStatuses', containers);
  tell('initContainerStatuses', initContainers);
  for (const [i, { allocatedResourcesStatus: devices = [] }] of (status.ephemeralContainerStatuses ?? []).entries()) {
    if (devices.length > 0) problems.forbidden(`status.ephemeralContainerStatuses[${i}].allocatedResourcesStatus`, 'must not be specified in container status');
  }
}

function checkAllocated(problems: Problems, path: string, { allocatedResourcesStatus = [] }: ContainerStatus, container: Container | undefined): void {
  for (const [i, device] of allocatedResourcesStatus.entries()) {
    const { name = '', resources = [] } = device;
    if (container !== undefined && !isAsked(device, container)) {
      problems.invalid(`${path}[${i}].name`, name, name.startsWith('claim:') ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty" : "must match one of the container's resource requests");
    }
    const first = firstIndexes(resources.map(({ resourceID }) => resourceID));
    for (const [j, { resourceID, health = '' }] of resources.entries()) {
      if (!HEALTH.includes(health)) problems.notSupported(`${path}[${i}].resources[${j}].health`, health, HEALTH);
      if (first.get(resourceID) !== j) problems.duplicate(`${path}[${i}].resources[${j}].resourceID`, resourceID);
    }
  }
}

function isAsked({ name = '' }: ResourceStatus, { resources = {} }: Container): boolean {
  if (!name.startsWith('claim:')) return Object.hasOwn(resources.requests ?? {}, name);
  return (resources.claims ?? []).some((claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`);
}
