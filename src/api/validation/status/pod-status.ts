import { checkIp, familyOf } from '../addresses.ts';
import { goForm, POD_IP } from '../go-form.ts';
import { immutable } from '../object-meta.ts';
import { validatePodAnnotationsUpdate } from '../pod-annotations.ts';
import type { Problems } from '../problems.ts';
import { checkDevices, checkStates, checkUsers } from './container-status.ts';
import type { ContainerExtendedResourceRequest, Pod, PodSpec, PodStatus } from '#api/generated/core/v1.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '#api/names.ts';
import { firstIndexes } from '#base/first-indexes.ts';

/** These three have no domain, and are told by Kubernetes itself. */
const OWN_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);

/** What a node, a scheduler or a controller may tell of a pod. */
export function validatePodStatus(problems: Problems, { metadata, spec, status = {} }: Pod, before: Pod): void {
  const { metadata: oldMetadata, spec: oldSpec, status: old = {} } = before;
  validatePodAnnotationsUpdate(problems, metadata.annotations, oldMetadata.annotations, spec);
  for (const [i, { type, observedGeneration }] of (status.conditions ?? []).entries()) {
    checkGeneration(problems, `status.conditions[${i}].observedGeneration`, observedGeneration);
    if (!OWN_CONDITIONS.has(type)) problems.check(`status.conditions[${i}].Type`, type, qualifiedName);
  }
  if ((spec.nodeName ?? '') !== (oldSpec.nodeName ?? '')) problems.forbidden('status.nodeName', 'may not be changed directly');
  if (status.nominatedNodeName && status.nominatedNodeName !== old.nominatedNodeName) {
    problems.check('status.nominatedNodeName', status.nominatedNodeName, dns1123Subdomain);
    if (oldSpec.nodeName) problems.forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node');
  }
  checkGeneration(problems, 'status.observedGeneration', status.observedGeneration);
  immutable(problems, 'status.qosClass', status.qosClass, old.qosClass);
  checkStates(problems, status, before);
  checkClaims(problems, spec, status);
  checkExtendedClaim(problems, spec, status);
  checkAddresses(problems, 'status.podIPs', status.podIPs, old.podIPs);
  const first = status.hostIPs?.[0]?.ip;
  if (first !== undefined && first !== (status.hostIP ?? '')) problems.invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`');
  checkAddresses(problems, 'status.hostIPs', status.hostIPs, old.hostIPs);
  checkUsers(problems, status, spec.os?.name);
  checkDevices(problems, status, spec);
}

function checkGeneration(problems: Problems, field: string, generation: number | undefined): void {
  if (generation !== undefined && generation < 0) problems.invalid(field, generation, 'must be a non-negative integer');
}

function checkClaims(problems: Problems, { resourceClaims = [] }: PodSpec, { resourceClaimStatuses: statuses = [] }: PodStatus): void {
  const known = new Set(resourceClaims.map((claim) => claim.name));
  const first = firstIndexes(statuses.map(({ name }) => name));
  for (const [i, { name, resourceClaimName }] of statuses.entries()) {
    const field = `status.resourceClaimStatuses[${i}].name`;
    if (!known.has(name)) problems.invalid(field, name, 'must match the name of an entry in `spec.resourceClaims`');
    if (first.get(name) !== i) problems.duplicate(field, name);
    if (resourceClaimName !== undefined) problems.check(field, resourceClaimName, dns1123Subdomain);
  }
}

/** The claim that was made for what containers ask for by the name of a resource. */
function checkExtendedClaim(problems: Problems, spec: PodSpec, { extendedResourceClaimStatus: claim }: PodStatus): void {
  if (claim === undefined) return;
  const path = 'status.extendedResourceClaimStatus';
  const mappings = claim.requestMappings ?? [];
  if (mappings.length === 0) problems.required(`${path}.requestMappings`, 'at least one request mapping is required');
  const keyOf = ({ containerName, resourceName, requestName }: ContainerExtendedResourceRequest): string => JSON.stringify([containerName, resourceName, requestName]);
  const first = firstIndexes(mappings.map(keyOf));
  for (const [i, mapping] of mappings.entries()) {
    const field = `${path}.requestMappings[${i}]`;
    checkMapping(problems, field, mapping, spec);
    problems.check(`${path}.requestName`, mapping.requestName, dns1123Label);
    if (first.get(keyOf(mapping)) !== i) for (const name of ['containerName', 'resourceName', 'requestName'] as const) problems.duplicate(`${field}.${name}`, mapping[name]);
  }
  problems.checkRequired(`${path}.resourceClaimName`, claim.resourceClaimName, dns1123Subdomain);
}

function checkMapping(problems: Problems, field: string, { containerName, resourceName }: ContainerExtendedResourceRequest, { containers = [], initContainers = [] }: PodSpec): void {
  const container = [...containers, ...initContainers].find(({ name }) => name === containerName);
  if (container === undefined) problems.invalid(`${field}.containerName`, containerName ?? '', 'must match the name of an entry in spec.initContainers.name or spec.containers.name');
  else if (!Object.hasOwn(container.resources?.requests ?? {}, resourceName)) problems.invalid(`${field}.resourceName`, resourceName ?? '', 'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests');
}

type Addresses = readonly { readonly ip: string }[] | undefined;

/** One address, or one of each family. */
function checkAddresses(problems: Problems, field: string, ips: Addresses = [], old: Addresses = []): void {
  const kept = old.map(({ ip }) => ip);
  for (const [i, { ip }] of ips.entries()) checkIp(problems, `${field}[${i}]`, ip ?? '', kept);
  if (ips.length < 2) return;
  const families = ips.map(({ ip }) => familyOf(ip ?? ''));
  const wrong = families.indexOf(undefined);
  if (wrong >= 0) problems.internal(field, `failed to check for dual stack with error:invalid IP[${wrong}]: ${ips[wrong]?.ip}`);
  if (wrong >= 0 || new Set(families).size < ips.length) problems.invalid(field, goForm(ips, POD_IP), 'may specify no more than one IP for each IP family');
}
