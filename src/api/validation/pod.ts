import { isOutside, validateContainer, validateResources } from './container.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import type { Problems } from './problems.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec, Toleration, Volume } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { configKey, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '#api/names.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const MAX_NAMESERVERS = 3;
const MAX_MODE = 0o777;

export function validatePodTemplate(problems: Problems, path: string, template: PodTemplateSpec): void {
  validateLabels(problems, `${path}.metadata.labels`, template.metadata?.labels);
  validateAnnotations(problems, `${path}.metadata.annotations`, template.metadata?.annotations);
  validatePodSpec(problems, `${path}.spec`, template.spec);
  if ((template.spec?.ephemeralContainers ?? []).length > 0) problems.forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template');
}

export function validatePodSpec(problems: Problems, path: string, spec: PodSpec | undefined): void {
  if ((spec?.containers ?? []).length === 0) problems.required(`${path}.containers`);
  if (spec === undefined) return;
  const volumes = validateVolumes(problems, `${path}.volumes`, spec.volumes ?? []);
  validateContainers(problems, path, spec, volumes);
  problems.oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  problems.oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  problems.atLeast(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds, 0);
  problems.atLeast(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1);
  validateNames(problems, path, spec);
  for (const [i, toleration] of (spec.tolerations ?? []).entries()) validateToleration(problems, `${path}.tolerations[${i}]`, toleration);
  validateSecurity(problems, path, spec);
  validateDns(problems, path, spec);
  validateSpread(problems, path, spec);
  if (spec.resources !== undefined) validateResources(problems, `${path}.resources`, spec.resources);
}

function validateContainers(problems: Problems, path: string, spec: PodSpec, volumes: ReadonlySet<string>): void {
  const isHostNetwork = spec.hostNetwork === true;
  const names: string[] = [];
  const fields: string[] = [];
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      const field = `${path}.${list}[${i}]`;
      validateContainer(problems, container, { path: field, volumes, isHostNetwork });
      names.push(container.name);
      fields.push(`${field}.name`);
      if (list === 'initContainers') validateInit(problems, field, container as Container);
    }
  }
  problems.unique((i) => fields[i] ?? path, names);
}

function validateInit(problems: Problems, field: string, container: Container): void {
  if (container.restartPolicy === 'Always') return;
  for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (container[name] !== undefined) problems.forbidden(`${field}.${name}`, "may not be set for init containers without restartPolicy=Always");
  }
}

function validateNames(problems: Problems, path: string, spec: PodSpec): void {
  if (spec.serviceAccountName) problems.check(`${path}.serviceAccountName`, spec.serviceAccountName, dns1123Subdomain);
  if (spec.nodeName) problems.check(`${path}.nodeName`, spec.nodeName, dns1123Subdomain);
  if (spec.hostname) problems.check(`${path}.hostname`, spec.hostname, dns1123Label);
  if (spec.subdomain) problems.check(`${path}.subdomain`, spec.subdomain, dns1123Label);
  if (spec.priorityClassName) problems.check(`${path}.priorityClassName`, spec.priorityClassName, dns1123Subdomain);
  if (spec.runtimeClassName) problems.check(`${path}.runtimeClassName`, spec.runtimeClassName, dns1123Subdomain);
  validateLabels(problems, `${path}.nodeSelector`, spec.nodeSelector);
  for (const [i, gate] of (spec.readinessGates ?? []).entries()) problems.check(`${path}.readinessGates[${i}].conditionType`, gate.conditionType, qualifiedName);
  for (const [i, gate] of (spec.schedulingGates ?? []).entries()) problems.check(`${path}.schedulingGates[${i}].name`, gate.name, qualifiedName);
  problems.unique((i) => `${path}.schedulingGates[${i}].name`, (spec.schedulingGates ?? []).map((gate) => gate.name));
}

function validateSecurity(problems: Problems, path: string, spec: PodSpec): void {
  const context = spec.securityContext;
  for (const name of ['runAsUser', 'runAsGroup', 'fsGroup'] as const) problems.atLeast(`${path}.securityContext.${name}`, context?.[name], 0);
  if (spec.hostPID === true && spec.shareProcessNamespace === true) {
    problems.invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled');
  }
}

function validateDns(problems: Problems, path: string, spec: PodSpec): void {
  const servers = spec.dnsConfig?.nameservers ?? [];
  if (spec.dnsPolicy === 'None' && spec.dnsConfig === undefined) problems.required(`${path}.dnsConfig`, `must provide \`dnsConfig\` when \`dnsPolicy\` is None`);
  if (spec.dnsPolicy === 'None' && spec.dnsConfig !== undefined && servers.length === 0) problems.required(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None');
  if (servers.length > MAX_NAMESERVERS) problems.invalid(`${path}.dnsConfig.nameservers`, servers, `must not have more than ${MAX_NAMESERVERS} nameservers`);
}

function validateSpread(problems: Problems, path: string, spec: PodSpec): void {
  for (const [i, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const field = `${path}.topologySpreadConstraints[${i}]`;
    if (constraint.maxSkew <= 0) problems.invalid(`${field}.maxSkew`, constraint.maxSkew, 'must be greater than zero');
    if (!constraint.topologyKey) problems.required(`${field}.topologyKey`, 'can not be empty');
    problems.oneOf(`${field}.whenUnsatisfiable`, constraint.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']);
  }
}

function validateToleration(problems: Problems, field: string, toleration: Toleration): void {
  const { key, operator, value, effect, tolerationSeconds } = toleration;
  if (key) problems.check(`${field}.key`, key, qualifiedName);
  else if (operator !== 'Exists') problems.invalid(`${field}.operator`, operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"');
  problems.optionalOneOf(`${field}.operator`, operator, ['Equal', 'Exists', 'Lt', 'Gt']);
  if (operator === 'Exists' && value) problems.invalid(`${field}.operator`, value, 'value must be empty when `operator` is \'Exists\'');
  else if (value) problems.check(`${field}.value`, value, labelValue);
  problems.optionalOneOf(`${field}.effect`, effect, EFFECTS);
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') problems.invalid(`${field}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
}

/** The names of the volumes, for mounts to refer to. */
function validateVolumes(problems: Problems, path: string, volumes: readonly Volume[]): ReadonlySet<string> {
  for (const [i, volume] of volumes.entries()) {
    const field = `${path}[${i}]`;
    problems.checkRequired(`${field}.name`, volume.name, dns1123Label);
    const sources = Object.keys(volume).filter((name) => name !== 'name');
    if (sources.length === 0) problems.required(field, 'must specify a volume type');
    for (const name of sources.slice(1)) problems.forbidden(`${field}.${name}`, 'may not specify more than 1 volume type');
    validateSource(problems, field, volume);
  }
  problems.unique((i) => `${path}[${i}].name`, volumes.map((volume) => volume.name));
  return new Set(volumes.map((volume) => volume.name));
}

function validateSource(problems: Problems, field: string, volume: Volume): void {
  if (volume.secret !== undefined && !volume.secret.secretName) problems.required(`${field}.secret.secretName`);
  if (volume.configMap !== undefined && !volume.configMap.name) problems.required(`${field}.configMap.name`);
  if (volume.persistentVolumeClaim !== undefined && !volume.persistentVolumeClaim.claimName) problems.required(`${field}.persistentVolumeClaim.claimName`);
  if (volume.hostPath !== undefined) {
    if (!volume.hostPath.path) problems.required(`${field}.hostPath.path`);
    else if (volume.hostPath.path.split('/').includes('..')) problems.invalid(`${field}.hostPath.path`, volume.hostPath.path, "must not contain '..'");
  }
  if (volume.nfs !== undefined) {
    if (!volume.nfs.server) problems.required(`${field}.nfs.server`);
    if (!volume.nfs.path) problems.required(`${field}.nfs.path`);
  }
  for (const name of ['secret', 'configMap'] as const) {
    const source = volume[name];
    problems.between(`${field}.${name}.defaultMode`, source?.defaultMode, 0, MAX_MODE);
    for (const [i, item] of (source?.items ?? []).entries()) {
      problems.checkRequired(`${field}.${name}.items[${i}].key`, item.key, configKey);
      if (!item.path) problems.required(`${field}.${name}.items[${i}].path`);
      else if (isOutside(item.path)) problems.invalid(`${field}.${name}.items[${i}].path`, item.path, item.path.startsWith('/') ? 'must be a relative path' : "must not contain '..'");
      problems.between(`${field}.${name}.items[${i}].mode`, item.mode, 0, MAX_MODE);
    }
  }
}

const IMMUTABLE_SPEC = 'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** For a plain update: subresources that change more (binding, ephemeralcontainers, resize) have rules of their own. */
export function validatePodUpdate(problems: Problems, pod: Pod, old: Pod): void {
  if ((pod.spec.containers ?? []).length !== (old.spec.containers ?? []).length || (pod.spec.initContainers ?? []).length !== (old.spec.initContainers ?? []).length) {
    problems.forbidden('spec.containers', 'pod updates may not add or remove containers');
    return;
  }
  const [deadline, before] = [pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds];
  if (before !== undefined && (deadline === undefined || deadline > before)) problems.invalid('spec.activeDeadlineSeconds', deadline ?? null, `must be less than or equal to previous value ${before}`);
  const keeps = (old.spec.tolerations ?? []).every((toleration) => pod.spec.tolerations?.some((t) => jsonEqual({ ...t, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 })));
  if (!keeps) problems.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds');
  const newGates = (pod.spec.schedulingGates ?? []).filter((gate) => !old.spec.schedulingGates?.some((g) => g.name === gate.name));
  for (const gate of newGates) problems.forbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${gate.name}'`);
  if (!jsonEqual(fixedPart(pod.spec, old.spec), fixedPart(old.spec, old.spec))) problems.forbidden('spec', IMMUTABLE_SPEC);
}

/** The spec without what may change. */
function fixedPart(spec: PodSpec, old: PodSpec): object {
  const { activeDeadlineSeconds: _a, tolerations: _t, schedulingGates: _s, containers, initContainers, terminationGracePeriodSeconds, ...rest } = spec;
  const withoutImage = (container: Container): object => ({ ...container, image: '' });
  const grace = (old.terminationGracePeriodSeconds ?? 0) < 0 && terminationGracePeriodSeconds === 1 ? old.terminationGracePeriodSeconds : terminationGracePeriodSeconds;
  const { nodeSelector, affinity, ...fixed } = rest;
  // A pod that waits at a gate is not scheduled yet: where it may go can still be narrowed.
  const placement = (old.schedulingGates ?? []).length > 0 ? {} : { ...(nodeSelector && { nodeSelector }), ...(affinity && { affinity }) };
  return { ...fixed, ...placement, grace: grace ?? null, containers: (containers ?? []).map(withoutImage), initContainers: (initContainers ?? []).map(withoutImage) };
}
