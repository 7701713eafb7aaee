import { checkIp } from '../addresses.ts';
import { immutable } from '../object-meta.ts';
import { validatePodAnnotationsUpdate } from '../pod-annotations.ts';
import type { Problems } from '../problems.ts';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '#api/generated/core/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { dns1123Subdomain, qualifiedName } from '#api/names.ts';

/** These three have no domain, and are told by Kubernetes itself. */
const OWN_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);
const MAX_ID = 2 ** 31 - 1;

/** What a node, a scheduler or a controller may tell of a pod. */
export function validatePodStatus(problems: Problems, { metadata, spec, status = {} }: Pod, { metadata: oldMetadata, status: old = {} }: Pod): void {
  validatePodAnnotationsUpdate(problems, 'metadata.annotations', metadata.annotations, oldMetadata.annotations);
  for (const [i, { type }] of (status.conditions ?? []).entries()) if (!OWN_CONDITIONS.has(type)) problems.check(`metadata.conditions[${i}].Type`, type, qualifiedName);
  if (status.nominatedNodeName && status.nominatedNodeName !== old.nominatedNodeName) problems.check('status.nominatedNodeName', status.nominatedNodeName, dns1123Subdomain);
  immutable(problems, 'status.qosClass', status.qosClass, old.qosClass);
  checkStates(problems, spec, status, old);
  checkClaims(problems, spec, status);
  checkAddresses(problems, 'status.podIPs', status.podIPs ?? []);
  checkAddresses(problems, 'status.hostIPs', status.hostIPs ?? []);
  const first = status.hostIPs?.[0]?.ip;
  if (first !== undefined && first !== (status.hostIP ?? '')) problems.invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`');
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const) checkUsers(problems, `status.${list}`, status[list] ?? [], spec.os?.name);
}

/** A container that ended for good does not come back. */
function checkStates(problems: Problems, spec: PodSpec, status: PodStatus, old: PodStatus): void {
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const) {
    for (const [i, { name, state }] of (old[list] ?? []).entries()) {
      if (state?.terminated === undefined || mayReturn(spec, list, name, state.terminated.exitCode)) continue;
      if (status[list]?.some((now) => now.name === name && now.state?.terminated === undefined)) problems.forbidden(`status.${list}[${i}].state`, 'may not be transitioned to non-terminated state');
    }
  }
}

/** Its own restart policy goes before the pod's; rules of its own may have it started anew whatever they say, and one that restarts all containers every one. */
function mayReturn({ restartPolicy, initContainers = [], containers = [] }: PodSpec, list: keyof PodStatus, name: string, exitCode: number): boolean {
  if (list === 'ephemeralContainerStatuses') return false;
  const all = [...initContainers, ...containers];
  const own = all.find((container) => container.name === name);
  const policy = own?.restartPolicy ?? restartPolicy;
  if (policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0) || (own?.restartPolicyRules ?? []).length > 0) return true;
  return all.some((container) => (container.restartPolicyRules ?? []).some(({ action }) => action === 'RestartAllContainers'));
}

function checkClaims(problems: Problems, { resourceClaims = [] }: PodSpec, { resourceClaimStatuses = [] }: PodStatus): void {
  for (const [i, { name, resourceClaimName }] of resourceClaimStatuses.entries()) {
    const field = `status.resourceClaimStatuses[${i}].name`;
    if (!resourceClaims.some((claim) => claim.name === name)) problems.invalid(field, name, 'must match the name of an entry in `spec.resourceClaims`');
    if (resourceClaimName !== undefined) problems.check(field, resourceClaimName, dns1123Subdomain);
  }
  problems.unique((i) => `status.resourceClaimStatuses[${i}].name`, resourceClaimStatuses.map(({ name }) => name));
}

/** One address, or one of each family. */
function checkAddresses(problems: Problems, field: string, ips: readonly { readonly ip: string }[]): void {
  const areRight = ips.map(({ ip }, i) => checkIp(problems, `${field}[${i}]`, ip ?? '')).every(Boolean);
  const families = new Set(ips.map(({ ip }) => ipFamilyOf(ip)));
  if (areRight && families.size < ips.length) problems.invalid(field, ips, 'may specify no more than one IP for each IP family');
}

function checkUsers(problems: Problems, list: string, statuses: readonly ContainerStatus[], os: string | undefined): void {
  for (const [i, { user }] of statuses.entries()) {
    if (user === undefined) continue;
    const field = `${list}[${i}].linux`;
    const { linux } = user;
    if (os === 'windows' && linux !== undefined) problems.forbidden(field, 'cannot be set for a windows pod');
    else if (linux !== undefined) {
      for (const name of ['uid', 'gid'] as const) problems.between(`${field}.${name}`, linux[name], 0, MAX_ID);
      for (const [j, group] of (linux.supplementalGroups ?? []).entries()) problems.between(`${field}.supplementalGroups[${j}]`, group, 0, MAX_ID);
    }
  }
}
