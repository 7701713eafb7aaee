import { checkFilePath, checkNoBacksteps } from './paths.ts';
import type { Problems } from './problems.ts';
import type { Container, EnvVar, EphemeralContainer, ObjectFieldSelector, PodSpec, ResourceFieldSelector } from '#api/generated/core/v1.ts';
import { configKey, dns1123Label, dns1123Subdomain, prefixOf, qualifiedName } from '#api/names.ts';
import { canonicalQuantity } from '#api/quantity.ts';

const NAME = /^[ -<>-~]+$/;
const BAD_NAME = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const ENV_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'];
const FILE_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];
const HUGE_PAGES = /^(?:requests|limits)\.hugepages-/;
const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
/** What Kubernetes can tell of a pod at all; `error converting fieldPath` otherwise. */
const FIELDS: ReadonlySet<string> = new Set([...ENV_FIELDS, ...FILE_FIELDS, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']);
const SUBSCRIPT = /^(.+?)\['(.*)'\]$/s;
/** The name of a field in the first versions. */
const OLD_FIELD = 'spec.host';
const MAX_MODE = 0o777;

export const checkMode = (problems: Problems, field: string, mode: number | undefined): void => {
  if (mode !== undefined && (mode < 0 || mode > MAX_MODE)) problems.invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
};

export function validateEnvironment(problems: Problems, container: Container | EphemeralContainer, path: string): void {
  for (const [i, variable] of (container.env ?? []).entries()) validateVariable(problems, `${path}.env[${i}]`, variable);
  for (const [i, source] of (container.envFrom ?? []).entries()) {
    const field = `${path}.envFrom[${i}]`;
    if (source.prefix) checkName(problems, `${field}.prefix`, source.prefix);
    const given = (['configMapRef', 'secretRef'] as const).filter((name) => source[name] !== undefined);
    for (const name of given) problems.checkRequired(`${field}.${name}.name`, source[name]?.name, prefixOf(dns1123Subdomain));
    if (given.length === 0) problems.invalid(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`');
    if (given.length > 1) problems.invalid(`${path}.envFrom`, '', 'may not have more than one field specified at a time');
  }
}

function checkName(problems: Problems, field: string, name: string): void {
  if (!NAME.test(name)) problems.invalid(field, name, BAD_NAME);
}

function validateVariable(problems: Problems, field: string, { name, value, valueFrom: from }: EnvVar): void {
  if (!name) problems.required(`${field}.name`);
  else checkName(problems, `${field}.name`, name);
  if (from === undefined) return;
  const path = `${field}.valueFrom`;
  const given = Object.keys(from).filter((source) => from[source as keyof typeof from] !== undefined);
  if (from.fieldRef !== undefined) validateFieldRef(problems, `${path}.fieldRef`, from.fieldRef, false);
  if (from.resourceFieldRef !== undefined) validateResourceRef(problems, `${path}.resourceFieldRef`, from.resourceFieldRef, false);
  for (const source of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = from[source];
    if (reference === undefined) continue;
    problems.check(`${path}.${source}.name`, reference.name, dns1123Subdomain);
    problems.checkRequired(`${path}.${source}.key`, reference.key, configKey);
  }
  if (from.fileKeyRef !== undefined) validateFileKey(problems, `${path}.fileKeyRef`, from.fileKeyRef);
  if (given.length === 0) problems.invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`');
  else if (value) problems.invalid(path, '', 'may not be specified when `value` is not empty');
  else if (given.length > 1) problems.invalid(path, '', 'may not have more than one field specified at a time');
}

function validateFileKey(problems: Problems, field: string, { key, volumeName, path }: NonNullable<NonNullable<EnvVar['valueFrom']>['fileKeyRef']>): void {
  if (!key) problems.required(`${field}.key`);
  else checkName(problems, `${field}.key`, key);
  problems.checkRequired(`${field}.volumeName`, volumeName, dns1123Label);
  if (!path) problems.required(`${field}.path`);
  else checkNoBacksteps(problems, `${field}.path`, path);
}

/** Files can hold all labels and annotations, variables only one of them. */
export function validateFieldRef(problems: Problems, field: string, { apiVersion, fieldPath }: ObjectFieldSelector, isFile: boolean): void {
  if (!apiVersion) return problems.required(`${field}.apiVersion`);
  if (!fieldPath) return problems.required(`${field}.fieldPath`);
  if (apiVersion !== 'v1') return problems.invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`);
  const subscript = SUBSCRIPT.exec(fieldPath);
  if (subscript !== null) {
    if (!/^metadata\.(?:labels|annotations)$/.test(subscript[1] ?? '')) return problems.invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`);
    const key = subscript[1] === 'metadata.annotations' ? (subscript[2] ?? '').toLowerCase() : subscript[2] ?? '';
    return problems.check(field, key, qualifiedName);
  }
  const name = fieldPath === OLD_FIELD ? 'spec.nodeName' : fieldPath;
  if (!FIELDS.has(name)) return problems.invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`);
  const known = isFile ? FILE_FIELDS : ENV_FIELDS;
  if (!known.includes(name)) problems.notSupported(`${field}.fieldPath`, name, known);
}

export function validateResourceRef(problems: Problems, field: string, { containerName, resource, divisor }: ResourceFieldSelector, isFile: boolean): void {
  if (isFile && !containerName) problems.required(`${field}.containerName`);
  else if (!resource) problems.required(`${field}.resource`);
  else if (!isResource(resource)) problems.notSupported(`${field}.resource`, resource, RESOURCES);
  const text = divisor === undefined ? '0' : canonicalQuantity(divisor) ?? '0';
  if (text === '0' || !resource || !isResource(resource)) return;
  if (resource.endsWith('cpu') && !HUGE_PAGES.test(resource)) {
    if (!['1', '1m'].includes(text)) problems.invalid(`${field}.divisor`, resource, "only divisor's values 1m and 1 are supported with the cpu resource");
  } else if (!SIZES.includes(text)) problems.invalid(`${field}.divisor`, resource, `only divisor's values ${SIZES.join(', ')} are supported with the ${kindOf(resource)} resource`);
}

const isResource = (resource: string): boolean => RESOURCES.includes(resource) || HUGE_PAGES.test(resource);
const kindOf = (resource: string): string => (HUGE_PAGES.test(resource) ? 'hugepages' : resource.endsWith('memory') ? 'memory' : 'local ephemeral storage');

/** Variables can come from a file of a volume that the containers of the pod write, and from no other. */
export function validateFileVolumes(problems: Problems, path: string, spec: PodSpec): void {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) for (const [i, { env = [] }] of (spec[list] ?? []).entries()) for (const [j, { valueFrom }] of env.entries()) {
    if (valueFrom?.fileKeyRef === undefined) continue;
    const { volumeName = '' } = valueFrom.fileKeyRef;
    const field = `${path}.${list}[${i}].env[${j}].valueFrom.fileKeyRef.volumeName`;
    if (!volumes.has(volumeName)) problems.notFound(field, volumeName);
    else if (volumes.get(volumeName)?.emptyDir === undefined) problems.invalid(field, volumeName, 'referenced volume must be of type emptyDir');
  }
}

/** One key of a Secret or ConfigMap as a file. */
export function validateKeyToPath(problems: Problems, field: string, { key, path = '', mode }: { readonly key?: string; readonly path?: string; readonly mode?: number | undefined }): void {
  if (!key) problems.required(`${field}.key`);
  if (path === '') problems.required(`${field}.path`);
  checkFilePath(problems, `${field}.path`, path);
  checkMode(problems, `${field}.mode`, mode);
}
