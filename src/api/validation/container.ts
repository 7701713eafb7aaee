import { validateEnvironment } from './environment.ts';
import { checkLocalPath } from './paths.ts';
import type { HandlerContext } from './probes.ts';
import { checkPort, type Problems } from './problems.ts';
import { validateContainerResources } from './resource-requirements.ts';
import { validateSecurityContext } from './security-context.ts';
import type { Container, EphemeralContainer, Volume, VolumeMount } from '#api/generated/core/v1.ts';
import { dns1123Label, portName } from '#api/names.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const ACTIONS = ['Restart', 'RestartAllContainers'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** What the pod says that its containers must fit. */
export interface PodContext extends HandlerContext {
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  readonly restartPolicy: string | undefined;
  /** The pod's users are the host's. */
  readonly usesHostUsers: boolean;
}

/** What holds for containers of every sort. */
export function validateContainer(problems: Problems, path: string, container: Container | EphemeralContainer, context: PodContext): void {
  problems.checkRequired(`${path}.name`, container.name, dns1123Label);
  if (!container.image) problems.required(`${path}.image`);
  problems.oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']);
  validatePorts(problems, path, container);
  validateEnvironment(problems, container, path);
  validateMounts(problems, path, container, context);
  validateDevices(problems, path, container, context);
  problems.oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES);
  validateContainerResources(problems, `${path}.resources`, container.resources, context.claims);
  validateResize(problems, `${path}.resizePolicy`, container, context);
  if (container.securityContext !== undefined) validateSecurityContext(problems, `${path}.securityContext`, container.securityContext, context.usesHostUsers);
}

function validatePorts(problems: Problems, path: string, { ports = [] }: Container | EphemeralContainer): void {
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const field = `${path}.ports[${i}]`;
    if (port.name) {
      const messages = portName(port.name);
      for (const message of messages) problems.invalid(`${field}.name`, port.name, message);
      if (messages.length === 0 && names.has(port.name)) problems.duplicate(`${field}.name`, port.name);
      if (messages.length === 0) names.add(port.name);
    }
    if (!port.containerPort) problems.required(`${field}.containerPort`);
    else checkPort(problems, `${field}.containerPort`, port.containerPort);
    if (port.hostPort) checkPort(problems, `${field}.hostPort`, port.hostPort);
    problems.oneOf(`${field}.protocol`, port.protocol, PROTOCOLS);
  }
}

/** No two containers that run together may have one port of the host. */
export function validateHostPorts(problems: Problems, path: string, containers: readonly (Container | undefined)[]): void {
  const taken = new Set<string>();
  for (const [i, container] of containers.entries()) {
    for (const [j, { hostPort, protocol, hostIP = '' }] of (container?.ports ?? []).entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) problems.duplicate(`${path}[${i}].ports[${j}].hostPort`, key);
      taken.add(key);
    }
  }
}

function validateMounts(problems: Problems, path: string, container: Container | EphemeralContainer, { volumes }: PodContext): void {
  const mounts = container.volumeMounts ?? [];
  const devices = container.volumeDevices ?? [];
  const paths = new Set<string>();
  for (const [i, mount] of mounts.entries()) {
    const field = `${path}.volumeMounts[${i}]`;
    const { name = '', mountPath = '' } = mount;
    if (name === '') problems.required(`${field}.name`);
    if (!volumes.has(name)) problems.notFound(`${field}.name`, name);
    if (mountPath === '') problems.required(`${field}.mountPath`);
    if (paths.has(mountPath)) problems.invalid(`${field}.mountPath`, mountPath, 'must be unique');
    paths.add(mountPath);
    if (devices.some((device) => (device.name ?? '') === name)) problems.invalid(`${field}.name`, name, 'must not already exist in volumeDevices');
    if (devices.some(({ devicePath = '' }) => devicePath === mountPath)) problems.invalid(`${field}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices');
    validateMountOptions(problems, `${path}.volumeMounts`, field, mount, container);
  }
}

/** Kubernetes names most of these by the list, not by the mount. */
function validateMountOptions(problems: Problems, list: string, field: string, mount: VolumeMount, container: Container | EphemeralContainer): void {
  const { subPath, subPathExpr, mountPropagation: propagation, recursiveReadOnly: recursive } = mount;
  if (subPath) checkLocalPath(problems, `${list}.subPath`, subPath);
  if (subPathExpr) {
    if (subPath) problems.invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive');
    checkLocalPath(problems, `${list}.subPathExpr`, subPathExpr);
  }
  if (propagation !== undefined) {
    if (!PROPAGATIONS.includes(propagation)) problems.notSupported(`${list}.mountPropagation`, propagation, PROPAGATIONS);
    if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) problems.forbidden(`${list}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers');
  }
  if (recursive === undefined || recursive === 'Disabled') return;
  if (!RECURSIVE.includes(recursive)) return problems.notSupported(`${list}.recursiveReadOnly`, recursive, RECURSIVE);
  if (mount.readOnly !== true) problems.forbidden(`${list}.recursiveReadOnly`, 'may only be specified when readOnly is true');
  if (propagation !== undefined && propagation !== 'None') problems.forbidden(`${list}.recursiveReadOnly`, 'may only be specified when mountPropagation is None or not specified');
}

function validateDevices(problems: Problems, path: string, { volumeDevices = [], volumeMounts = [] }: Container | EphemeralContainer, { volumes }: PodContext): void {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  for (const [i, { name = '', devicePath = '' }] of volumeDevices.entries()) {
    const field = `${path}.volumeDevices[${i}]`;
    const volume = volumes.get(name);
    if (!name) problems.required(`${field}.name`);
    if (names.has(name)) problems.invalid(`${field}.name`, name, 'must be unique');
    if (volume !== undefined && volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) problems.invalid(`${field}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode');
    if (volume === undefined) problems.notFound(`${field}.name`, name);
    if (!devicePath) problems.required(`${field}.devicePath`);
    if (paths.has(devicePath)) problems.invalid(`${field}.devicePath`, devicePath, 'must be unique');
    const hasBacksteps = devicePath.split('/').includes('..');
    if (hasBacksteps) problems.invalid(`${field}.devicePath`, devicePath, "can not contain backsteps ('..')");
    if (volumeMounts.some((mount) => (mount.name ?? '') === name)) problems.invalid(`${field}.name`, name, 'must not already exist in volumeMounts');
    if (volumeMounts.some(({ mountPath = '' }) => mountPath === devicePath)) problems.invalid(`${field}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts');
    if (name !== '') names.add(name);
    if (!hasBacksteps) paths.add(devicePath);
  }
}

function validateResize(problems: Problems, field: string, { resizePolicy = [] }: Container | EphemeralContainer, { restartPolicy }: PodContext): void {
  const first = firstIndexes(resizePolicy.map(({ resourceName }) => resourceName));
  for (const [i, { resourceName, restartPolicy: restart }] of resizePolicy.entries()) {
    if (first.get(resourceName) !== i) problems.duplicate(`${field}[${i}]`, resourceName);
    problems.oneOf(field, resourceName, ['cpu', 'memory']);
    problems.oneOf(field, restart, ['NotRequired', 'RestartContainer']);
    if (restartPolicy === 'Never' && restart !== 'NotRequired') problems.invalid(field, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
  }
}

/** A container may be started anew by other rules than its pod. */
export function validateRestartRules(problems: Problems, path: string, { restartPolicy, restartPolicyRules = [] }: Container): void {
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length > 0) problems.required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used');
  } else if (!RESTART_POLICIES.includes(restartPolicy)) problems.notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES);
  if (restartPolicyRules.length > MAX_RULES) problems.tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, MAX_RULES);
  for (const [i, { action, exitCodes }] of restartPolicyRules.entries()) {
    const field = `${path}.restartPolicyRules[${i}]`;
    if (!ACTIONS.includes(action ?? '')) problems.notSupported(`${field}.action`, action, ACTIONS);
    if (exitCodes === undefined) {
      problems.required(`${field}.exitCodes`, 'must be specified');
      continue;
    }
    if (!['In', 'NotIn'].includes(exitCodes.operator)) problems.notSupported(`${field}.exitCodes.operator`, exitCodes.operator, ['In', 'NotIn']);
    const count = (exitCodes.values ?? []).length;
    if (count > MAX_EXIT_CODES) problems.tooMany(`${field}.exitCodes.values`, count, MAX_EXIT_CODES);
  }
}
