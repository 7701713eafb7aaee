import { checkIp } from './addresses.ts';
import { type PodContext, validateContainer, validateHostPorts, validateRestartRules } from './container.ts';
import { validateFileVolumes } from './environment.ts';
import { goForm, POD_CLAIM } from './go-form.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validateAffinity, validateSpread } from './placement.ts';
import { validatePodAnnotations, validateProfiles } from './pod-annotations.ts';
import { validateSystem } from './pod-os.ts';
import { validatePodTotals } from './pod-totals.ts';
import { validateVolumes } from './pod-volumes.ts';
import { validateRunning } from './probes.ts';
import type { Problems } from './problems.ts';
import { validateContainerResources, validatePodResources } from './resource-requirements.ts';
import { validatePodSecurityContext } from './security-context.ts';
import { validateTolerations } from './tolerations.ts';
import type { Container, EphemeralContainer, Pod, PodSpec, PodTemplateSpec, ResourceRequirements, Volume } from '#api/generated/core/v1.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName, underscoredSubdomain } from '#api/names.ts';
import { firstIndexes } from '#base/first-indexes.ts';
import { isMirrorPod } from '#api/pods.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_HOSTNAME = 64;
const MAX_SECONDS = 2 ** 31 - 1;
/** What a container that was added for a look may have. */
const EPHEMERAL_FIELDS: ReadonlySet<string> = new Set(['name', 'image', 'command', 'args', 'workingDir', 'envFrom', 'env', 'volumeMounts', 'volumeDevices', 'terminationMessagePath', 'terminationMessagePolicy', 'imagePullPolicy', 'securityContext', 'stdin', 'stdinOnce', 'tty', 'targetContainerName']);

export interface SpecOptions {
  /** Stands in a pod, not in a template. */
  readonly isPod?: boolean;
  readonly podName?: string;
  /** It mirrors a pod that a node has of its own. */
  readonly isMirror?: boolean;
  /** Volumes that the controller adds to those of the template. */
  readonly addedVolumes?: readonly Volume[];
  /** What the pod was before. */
  readonly old?: PodSpec | undefined;
}

export function validatePod(problems: Problems, { metadata, spec }: Pod, _resource?: unknown, old?: Pod): void {
  validatePodAnnotations(problems, 'metadata.annotations', metadata.annotations, spec, old?.metadata.annotations);
  validatePodSpec(problems, 'spec', spec, { isPod: true, podName: metadata.name, isMirror: isMirrorPod({ metadata }), old: old?.spec });
  for (const list of ['containers', 'initContainers', 'ephemeralContainers'] as const) for (const [i, { image }] of (spec?.[list] ?? []).entries()) {
    if (image !== undefined && image !== image.trim()) problems.invalid(`spec.${list}[${i}].image`, image, 'must not have leading or trailing whitespace');
  }
  if (spec?.serviceAccountName) return;
  for (const [i, { projected }] of (spec?.volumes ?? []).entries()) for (const [j, source] of (projected?.sources ?? []).entries()) {
    if (source.serviceAccountToken !== undefined) problems.forbidden(`spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`, 'must not be specified when serviceAccountName is not set');
  }
}

export function validatePodCreate(problems: Problems, { metadata, spec }: Pod): void {
  if ((spec?.ephemeralContainers ?? []).length > 0) problems.forbidden('spec.ephemeralContainers', 'cannot be set on create');
  if (spec?.nodeName && (spec.schedulingGates ?? []).length > 0) problems.forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared');
  validateProfiles(problems, 'spec', metadata.annotations, spec);
}

export function validatePodTemplate(problems: Problems, path: string, template: PodTemplateSpec, options: SpecOptions = {}): void {
  validateLabels(problems, `${path}.labels`, template.metadata?.labels);
  validateAnnotations(problems, `${path}.annotations`, template.metadata?.annotations);
  validatePodAnnotations(problems, `${path}.annotations`, template.metadata?.annotations, template.spec);
  validatePodSpec(problems, `${path}.spec`, template.spec, options);
  validateProfiles(problems, `${path}.spec`, template.metadata?.annotations, template.spec);
  if ((template.spec?.ephemeralContainers ?? []).length > 0) problems.forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template');
}

export function validatePodSpec(problems: Problems, path: string, spec: PodSpec | undefined, { isPod = false, podName, isMirror: isOfNode = false, addedVolumes = [], old }: SpecOptions = {}): void {
  if (spec === undefined) return problems.required(`${path}.containers`);
  const own = (spec.volumes ?? []).filter(({ name }) => !addedVolumes.some((added) => added.name === name));
  const volumes = validateVolumes(problems, `${path}.volumes`, addedVolumes.length > 0 ? [...addedVolumes, ...own] : spec.volumes ?? [], { podName: podName || undefined, isPod });
  validateResourceClaims(problems, `${path}.resourceClaims`, spec.resourceClaims ?? [], isOfNode);
  validateContainers(problems, path, spec, volumes);
  if (spec.resources !== undefined) validateResources(problems, `${path}.resources`, spec, spec.resources);
  if (spec.hostNetwork === true) validateHostNetwork(problems, path, spec, isPod);
  problems.oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  problems.oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  validateLabels(problems, `${path}.nodeSelector`, spec.nodeSelector);
  validatePodSecurityContext(problems, path, spec);
  if (spec.affinity !== undefined) validateAffinity(problems, `${path}.affinity`, spec.affinity);
  validateDns(problems, path, spec, old);
  validateGates(problems, path, spec);
  validateSpread(problems, path, spec);
  if (spec.hostUsers === false) validateOwnUsers(problems, path, spec);
  validateNames(problems, path, spec, old);
  problems.between(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, MAX_SECONDS);
  validateTolerations(problems, `${path}.tolerations`, spec.tolerations ?? []);
  if (spec.preemptionPolicy !== undefined) problems.oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']);
  // Kubernetes checks it as if it were the limits of a container.
  if (spec.overhead !== undefined) validateContainerResources(problems, `${path}.overhead`, { limits: spec.overhead });
  validateSystem(problems, path, spec);
  validateFileVolumes(problems, path, spec);
}

const claimNames = ({ resourceClaims = [] }: PodSpec): ReadonlySet<string> => new Set(resourceClaims.map(({ name }) => name).filter(Boolean));

function validateResources(problems: Problems, field: string, spec: PodSpec, resources: ResourceRequirements): void {
  if (spec.os?.name === 'windows') return problems.forbidden(field, 'may not be set for a windows pod');
  validatePodResources(problems, field, resources, claimNames(spec));
  validatePodTotals(problems, field, spec, resources);
}

function validateContainers(problems: Problems, path: string, spec: PodSpec, volumes: ReadonlyMap<string, Volume>): void {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec;
  const context: PodContext = {
    volumes, claims: claimNames(spec), graceSeconds: spec.terminationGracePeriodSeconds, os: spec.os?.name,
    restartPolicy: spec.restartPolicy, usesHostUsers: spec.hostUsers !== false,
  };
  if (containers.length === 0) problems.required(`${path}.containers`);
  const names = new Set<string>();
  const claimName = (field: string, name = ''): void => {
    if (names.has(name)) problems.duplicate(`${field}.name`, name);
    names.add(name);
  };
  for (const [i, container] of containers.entries()) {
    const field = `${path}.containers[${i}]`;
    validateContainer(problems, field, container, context);
    claimName(field, container.name);
    validateRunning(problems, field, container, context);
    validateRestartRules(problems, field, container);
  }
  validateHostPorts(problems, `${path}.containers`, containers);
  for (const [i, container] of initContainers.entries()) {
    const field = `${path}.initContainers[${i}]`;
    validateContainer(problems, field, container, context);
    validateInit(problems, field, container, context);
    claimName(field, container.name);
    // They run one after the other: each must agree with itself only.
    validateHostPorts(problems, `${path}.initContainers`, [container]);
  }
  for (const [i, container] of ephemeralContainers.entries()) {
    const field = `${path}.ephemeralContainers[${i}]`;
    validateContainer(problems, field, container, context);
    claimName(field, container.name);
    validateEphemeral(problems, field, container, [...containers, ...initContainers]);
  }
}

function validateInit(problems: Problems, field: string, container: Container, context: PodContext): void {
  validateRestartRules(problems, field, container);
  if (container.restartPolicy === 'Always') return validateRunning(problems, field, container, context);
  for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (container[name] !== undefined) problems.forbidden(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always');
  }
  for (const [i, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
    if (restartPolicy === 'RestartContainer') problems.invalid(`${field}.resizePolicy[${i}].restartPolicy`, restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers");
  }
}

function validateEphemeral(problems: Problems, field: string, container: EphemeralContainer, others: readonly Container[]): void {
  const target = container.targetContainerName;
  if (target && !others.some(({ name }) => name === target)) problems.notFound(`${field}.targetContainerName`, target);
  for (const [name, value] of Object.entries(container)) {
    // Kubernetes holds these by value, all others by reference: they are there even when they are empty.
    const isEmpty = (name === 'resources' || Array.isArray(value)) && Object.keys(value as object).length === 0;
    if (!EPHEMERAL_FIELDS.has(name) && value !== undefined && !isEmpty) problems.forbidden(`${field}.${name}`, 'cannot be set for an Ephemeral Container');
  }
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) for (const name of ['subPath', 'subPathExpr'] as const) {
    if (mount[name]) problems.forbidden(`${field}.volumeMounts[${i}].${name}`, 'cannot be set for an Ephemeral Container');
  }
}

function validateResourceClaims(problems: Problems, path: string, claims: NonNullable<PodSpec['resourceClaims']>, isOfNode: boolean): void {
  const first = firstIndexes(claims.map(({ name }) => name));
  for (const [i, claim] of claims.entries()) {
    if (isOfNode) {
      problems.forbidden('', 'static pods do not support resource claims');
      continue;
    }
    const field = `${path}[${i}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (!name) problems.required(`${field}.name`);
    else if (first.get(name) !== i) problems.duplicate(`${field}.name`, name);
    else problems.check(`${field}.name`, name, dns1123Label);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) problems.invalid(field, goForm(claim, POD_CLAIM), 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified');
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) problems.invalid(field, goForm(claim, POD_CLAIM), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    if (resourceClaimName !== undefined) problems.check(`${field}.resourceClaimName`, resourceClaimName, dns1123Subdomain);
    if (resourceClaimTemplateName !== undefined) problems.check(`${field}.resourceClaimTemplateName`, resourceClaimTemplateName, dns1123Subdomain);
  }
}

/** A template may leave out the host's port: the pod gets it. */
function validateHostNetwork(problems: Problems, path: string, { containers = [] }: PodSpec, isPod: boolean): void {
  for (const [i, { ports = [] }] of containers.entries()) for (const [j, { hostPort = 0, containerPort }] of ports.entries()) {
    if ((isPod || hostPort !== 0) && hostPort !== containerPort) problems.invalid(`${path}.containers[${i}].ports[${j}].hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true');
  }
}

function validateOwnUsers(problems: Problems, path: string, spec: PodSpec): void {
  const why = 'when `hostUsers` is false';
  if (spec.hostNetwork === true) problems.forbidden(`${path}.hostNetwork`, why);
  if (spec.hostPID === true) problems.forbidden(`${path}.HostPID`, why);
  if (spec.hostIPC === true) problems.forbidden(`${path}.HostIPC`, why);
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) for (const [i, { volumeDevices = [] }] of (spec[list] ?? []).entries()) {
    if (volumeDevices.length > 0) problems.forbidden(`${path}.${list}[${i}].volumeDevices`, why);
  }
}

function validateGates(problems: Problems, path: string, { readinessGates = [], schedulingGates = [] }: PodSpec): void {
  for (const [i, gate] of readinessGates.entries()) problems.check(`${path}.readinessGates[${i}].conditionType`, gate.conditionType, qualifiedName);
  for (const [i, gate] of schedulingGates.entries()) problems.check(`${path}.schedulingGates[${i}]`, gate.name, qualifiedName);
  problems.unique((i) => `${path}.schedulingGates[${i}]`, schedulingGates.map((gate) => gate.name));
}

function validateNames(problems: Problems, path: string, spec: PodSpec, old: PodSpec | undefined): void {
  for (const name of ['serviceAccountName', 'nodeName', 'priorityClassName'] as const) if (spec[name]) problems.check(`${path}.${name}`, spec[name], dns1123Subdomain);
  if (spec.runtimeClassName !== undefined) problems.check(`${path}.runtimeClassName`, spec.runtimeClassName, dns1123Subdomain);
  for (const name of ['hostname', 'subdomain'] as const) if (spec[name]) problems.check(`${path}.${name}`, spec[name], dns1123Label);
  for (const [i, { ip, hostnames = [] }] of (spec.hostAliases ?? []).entries()) {
    checkIp(problems, `${path}.hostAliases[${i}].ip`, ip ?? '', old?.hostAliases?.map((alias) => alias.ip));
    for (const [j, hostname] of hostnames.entries()) problems.check(`${path}.hostAliases[${i}].hostnames[${j}]`, hostname, dns1123Subdomain);
  }
  const override = spec.hostnameOverride;
  if (override === undefined) return;
  if (spec.setHostnameAsFQDN === true) problems.forbidden(`${path}.hostnameOverride`, 'may not be specified when setHostnameAsFQDN is true');
  if (spec.hostNetwork === true) problems.forbidden(`${path}.hostnameOverride`, 'may not be specified when hostNetwork is true');
  if (override.length > MAX_HOSTNAME) problems.tooLong(`${path}.hostnameOverride`, MAX_HOSTNAME);
  problems.check(`${path}.hostnameOverride`, override, dns1123Subdomain);
}

function validateDns(problems: Problems, path: string, { dnsPolicy, dnsConfig }: PodSpec, old: PodSpec | undefined): void {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && dnsConfig === undefined) return problems.required(`${path}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None');
  if (dnsPolicy === 'None' && nameservers.length === 0) return problems.required(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None');
  if (nameservers.length > MAX_NAMESERVERS) problems.invalid(`${path}.dnsConfig.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`);
  for (const [i, server] of nameservers.entries()) checkIp(problems, `${path}.dnsConfig.nameservers[${i}]`, server, old?.dnsConfig?.nameservers);
  if (searches.length > MAX_SEARCHES) problems.invalid(`${path}.dnsConfig.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`);
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) problems.invalid(`${path}.dnsConfig.searches`, searches, `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`);
  for (const [i, search] of searches.entries()) if (search !== '.') problems.check(`${path}.dnsConfig.searches[${i}]`, search.replace(/\.$/, ''), underscoredSubdomain);
  for (const [i, { name }] of options.entries()) if (!name) problems.required(`${path}.dnsConfig.options[${i}]`, 'must not be empty');
}
