import { checkPort, type Problems } from './problems.ts';
import type { Container, EnvVar, EphemeralContainer, Lifecycle, Probe, ProbeHandler, ResourceRequirements } from '#api/generated/core/v1.ts';
import { configKey, dns1123Label, dns1123Subdomain, portName, qualifiedName } from '#api/names.ts';
import { compare, parseQuantity } from '#api/quantity.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const SCHEMES = ['HTTP', 'HTTPS'];
const ENV_NAME = /^[^=\p{Cc}]+$/u;
/** Resources without a prefix that Kubernetes knows for containers. */
const STANDARD_RESOURCES = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

export interface ContainerContext {
  readonly path: string;
  readonly volumes: ReadonlySet<string>;
  readonly isHostNetwork: boolean;
}

export function validateContainer(problems: Problems, container: Container | EphemeralContainer, context: ContainerContext): void {
  const { path } = context;
  problems.checkRequired(`${path}.name`, container.name, dns1123Label);
  if (!container.image) problems.required(`${path}.image`);
  else if (container.image !== container.image.trim()) problems.invalid(`${path}.image`, container.image, 'must not have leading or trailing whitespace');
  problems.optionalOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES);
  problems.optionalOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']);
  validatePorts(problems, container, context);
  validateEnvironment(problems, container, path);
  validateMounts(problems, container, context);
  validateResources(problems, `${path}.resources`, container.resources);
  validateProbe(problems, `${path}.livenessProbe`, container.livenessProbe, true);
  validateProbe(problems, `${path}.readinessProbe`, container.readinessProbe, false);
  validateProbe(problems, `${path}.startupProbe`, container.startupProbe, true);
  validateLifecycle(problems, `${path}.lifecycle`, container.lifecycle);
  const user = container.securityContext;
  problems.atLeast(`${path}.securityContext.runAsUser`, user?.runAsUser, 0);
  problems.atLeast(`${path}.securityContext.runAsGroup`, user?.runAsGroup, 0);
  if (user?.privileged === true && user.allowPrivilegeEscalation === false) {
    problems.invalid(`${path}.securityContext`, user, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
  }
}

function validatePorts(problems: Problems, container: Container | EphemeralContainer, { path, isHostNetwork }: ContainerContext): void {
  for (const [i, port] of (container.ports ?? []).entries()) {
    const field = `${path}.ports[${i}]`;
    if (port.name) problems.check(`${field}.name`, port.name, portName);
    if (!port.containerPort) problems.required(`${field}.containerPort`);
    else checkPort(problems, `${field}.containerPort`, port.containerPort);
    if (port.hostPort) checkPort(problems, `${field}.hostPort`, port.hostPort);
    if (isHostNetwork && port.hostPort && port.hostPort !== port.containerPort) problems.invalid(`${field}.containerPort`, port.containerPort, 'must match `hostPort` when `hostNetwork` is true');
    problems.oneOf(`${field}.protocol`, port.protocol ?? 'TCP', PROTOCOLS);
  }
  problems.unique((i) => `${path}.ports[${i}].name`, (container.ports ?? []).map((port) => port.name));
}

function validateEnvironment(problems: Problems, container: Container | EphemeralContainer, path: string): void {
  for (const [i, variable] of (container.env ?? []).entries()) validateVariable(problems, `${path}.env[${i}]`, variable);
  for (const [i, source] of (container.envFrom ?? []).entries()) {
    const field = `${path}.envFrom[${i}]`;
    const given = (['configMapRef', 'secretRef'] as const).filter((name) => source[name] !== undefined);
    if (given.length !== 1) problems.invalid(field, '', given.length === 0 ? 'must specify one of: `configMapRef` or `secretRef`' : 'may not have more than one field specified at a time');
    for (const name of given) problems.checkRequired(`${field}.${name}.name`, source[name]?.name, dns1123Subdomain);
  }
}

function validateVariable(problems: Problems, field: string, variable: EnvVar): void {
  if (!variable.name) problems.required(`${field}.name`);
  else if (!ENV_NAME.test(variable.name)) problems.invalid(`${field}.name`, variable.name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
  const from = variable.valueFrom;
  if (from === undefined) return;
  const given = Object.keys(from).filter((name) => from[name as keyof typeof from] !== undefined);
  if (given.length === 0) problems.invalid(`${field}.valueFrom`, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`');
  if (given.length > 1) problems.invalid(`${field}.valueFrom`, '', 'may not have more than one field specified at a time');
  if (variable.value) problems.invalid(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty');
  for (const name of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = from[name];
    if (reference === undefined) continue;
    if (!reference.name) problems.required(`${field}.valueFrom.${name}.name`);
    problems.checkRequired(`${field}.valueFrom.${name}.key`, reference.key, configKey);
  }
  if (from.fieldRef !== undefined && !from.fieldRef.fieldPath) problems.required(`${field}.valueFrom.fieldRef.fieldPath`);
  if (from.resourceFieldRef !== undefined && !from.resourceFieldRef.resource) problems.required(`${field}.valueFrom.resourceFieldRef.resource`);
}

function validateMounts(problems: Problems, container: Container | EphemeralContainer, { path, volumes }: ContainerContext): void {
  const mounts = container.volumeMounts ?? [];
  for (const [i, mount] of mounts.entries()) {
    const field = `${path}.volumeMounts[${i}]`;
    if (!mount.name) problems.required(`${field}.name`);
    else if (!volumes.has(mount.name)) problems.notFound(`${field}.name`, mount.name);
    if (!mount.mountPath) problems.required(`${field}.mountPath`);
    if (mount.subPath !== undefined && isOutside(mount.subPath)) problems.invalid(`${field}.subPath`, mount.subPath, mount.subPath.startsWith('/') ? 'must be a relative path' : "must not contain '..'");
    if (mount.subPath && mount.subPathExpr) problems.invalid(`${field}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  }
  problems.unique((i) => `${path}.volumeMounts[${i}].mountPath`, mounts.map((mount) => mount.mountPath));
  for (const [i, device] of (container.volumeDevices ?? []).entries()) {
    if (!volumes.has(device.name)) problems.notFound(`${path}.volumeDevices[${i}].name`, device.name);
    if (!device.devicePath) problems.required(`${path}.volumeDevices[${i}].devicePath`);
  }
}

/** A path that leaves the folder to which it is relative. */
export const isOutside = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');

export function validateResources(problems: Problems, field: string, resources: ResourceRequirements | undefined): void {
  for (const kind of ['limits', 'requests'] as const) {
    for (const [name, text] of Object.entries(resources?.[kind] ?? {})) {
      problems.check(`${field}.${kind}[${name}]`, name, qualifiedName);
      if (!name.includes('/') && !STANDARD_RESOURCES.test(name)) problems.invalid(`${field}.${kind}[${name}]`, name, 'must be a standard resource for containers');
      const amount = parseQuantity(text);
      if (amount.nanos < 0n) problems.invalid(`${field}.${kind}[${name}]`, text, 'must be greater than or equal to 0');
      const limit = kind === 'requests' ? resources?.limits?.[name] : undefined;
      if (limit !== undefined && compare(amount, parseQuantity(limit)) > 0) problems.invalid(`${field}.requests`, text, `must be less than or equal to ${name} limit of ${limit}`);
    }
  }
}

function validateProbe(problems: Problems, field: string, probe: Probe | undefined, endsContainer: boolean): void {
  if (probe === undefined) return;
  validateHandler(problems, field, probe);
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) problems.atLeast(`${field}.${name}`, probe[name], 0);
  if (endsContainer && (probe.successThreshold ?? 1) > 1) problems.invalid(`${field}.successThreshold`, probe.successThreshold, 'must be 1');
  if (endsContainer) problems.atLeast(`${field}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 1);
  else if (probe.terminationGracePeriodSeconds !== undefined) problems.invalid(`${field}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 'must not be set for readinessProbes');
}

function validateLifecycle(problems: Problems, field: string, lifecycle: Lifecycle | undefined): void {
  for (const name of ['postStart', 'preStop'] as const) {
    const handler = lifecycle?.[name];
    if (handler !== undefined) validateHandler(problems, `${field}.${name}`, handler);
  }
}

type Handler = ProbeHandler & { readonly sleep?: { readonly seconds: number } | undefined };

function validateHandler(problems: Problems, field: string, handler: Handler): void {
  const given = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((name) => handler[name] !== undefined);
  if (given.length === 0) problems.required(field, 'must specify a handler type');
  for (const name of given.slice(1)) problems.forbidden(`${field}.${name}`, 'may not specify more than 1 handler type');
  if (handler.exec !== undefined && (handler.exec.command ?? []).length === 0) problems.required(`${field}.exec.command`);
  const http = handler.httpGet;
  if (http !== undefined) {
    if (!http.path) problems.required(`${field}.httpGet.path`);
    problems.oneOf(`${field}.httpGet.scheme`, http.scheme ?? 'HTTP', SCHEMES);
    validatePortReference(problems, `${field}.httpGet.port`, http.port);
  }
  if (handler.tcpSocket !== undefined) validatePortReference(problems, `${field}.tcpSocket.port`, handler.tcpSocket.port);
  if (handler.grpc !== undefined) checkPort(problems, `${field}.grpc.port`, handler.grpc.port);
}

export function validatePortReference(problems: Problems, field: string, port: number | string): void {
  if (typeof port === 'number') checkPort(problems, field, port);
  else problems.check(field, port, portName);
}
