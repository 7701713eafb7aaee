import { validatePortReference } from './container.ts';
import { immutable, validateFinalizer, validateLabels } from './object-meta.ts';
import { checkPort, type Problems } from './problems.ts';
import type { ConfigMap, Namespace, PersistentVolumeClaim, Secret, Service } from '#api/generated/core/v1.ts';
import { isJsonObject, jsonEqual } from '#api/json.ts';
import { configKey, dns1123Label, dns1123Subdomain } from '#api/names.ts';
import { parseQuantity } from '#api/quantity.ts';

const MAX_DATA_BYTES = 1024 * 1024;
const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const IP = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$|^[\da-fA-F:]*:[\da-fA-F:.]*$/;
/** What a Secret of a type must hold. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'], 'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'], 'kubernetes.io/dockercfg': ['.dockercfg'], 'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};
const SERVICE_ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

export function validateConfigMap(problems: Problems, map: ConfigMap): void {
  let size = 0;
  for (const key in map.data) {
    problems.check(`data[${key}]`, key, configKey);
    if (map.binaryData !== undefined && Object.hasOwn(map.binaryData, key)) problems.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData');
    size += Buffer.byteLength(map.data[key] ?? '');
  }
  for (const key in map.binaryData) {
    problems.check(`binaryData[${key}]`, key, configKey);
    size += Buffer.byteLength(map.binaryData[key] ?? '', 'base64');
  }
  if (size > MAX_DATA_BYTES) problems.tooLong('', MAX_DATA_BYTES);
}

export function validateSecret(problems: Problems, secret: Secret): void {
  let size = 0;
  for (const key in secret.data) {
    problems.check(`data[${key}]`, key, configKey);
    size += Buffer.byteLength(secret.data[key] ?? '', 'base64');
  }
  if (size > MAX_DATA_BYTES) problems.tooLong('data', MAX_DATA_BYTES);
  for (const key of REQUIRED_KEYS[secret.type ?? ''] ?? []) {
    if (secret.data?.[key] === undefined) problems.required(`data[${key}]`);
  }
  for (const key of ['.dockerconfigjson', '.dockercfg']) if (REQUIRED_KEYS[secret.type ?? '']?.includes(key)) validateDockerConfig(problems, key, secret.data?.[key]);
  if (secret.type === 'kubernetes.io/basic-auth' && secret.data?.['username'] === undefined && secret.data?.['password'] === undefined) {
    problems.required('data[username]');
    problems.required('data[password]');
  }
  if (secret.type === 'kubernetes.io/service-account-token' && !secret.metadata.annotations?.[SERVICE_ACCOUNT_ANNOTATION]) problems.required(`metadata.annotations[${SERVICE_ACCOUNT_ANNOTATION}]`);
}

function validateDockerConfig(problems: Problems, key: string, data: string | undefined): void {
  if (data === undefined) return;
  try {
    if (isJsonObject(JSON.parse(Buffer.from(data, 'base64').toString('utf8')))) return;
  } catch {
    // Worded below: the parser's message would quote the secret.
  }
  problems.invalid(`data[${key}]`, '<secret contents redacted>', 'must be a JSON object');
}

/** Data that is declared immutable stays so, and stays immutable. */
export function validateDataUpdate(problems: Problems, now: ConfigMap | Secret, old: ConfigMap | Secret): void {
  if ('type' in now && 'type' in old) immutable(problems, 'type', now.type, old.type);
  if (old.immutable !== true) return;
  const message = 'field is immutable when `immutable` is set';
  if (now.immutable !== true) problems.forbidden('immutable', message);
  for (const name of ['data', 'binaryData'] as const) {
    const values = [now, old].map((o) => (o as ConfigMap)[name] ?? {});
    if (!jsonEqual(values[0], values[1])) problems.forbidden(name, message);
  }
}

export function validateService(problems: Problems, service: Service): void {
  const { type, ports = [], clusterIP, externalName, selector, sessionAffinity } = service.spec ?? {};
  problems.oneOf('spec.type', type, SERVICE_TYPES);
  problems.oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  validateLabels(problems, 'spec.selector', selector);
  if (clusterIP && clusterIP !== 'None' && !IP.test(clusterIP)) problems.invalid('spec.clusterIPs[0]', clusterIP, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
  for (const [i, ip] of (service.spec?.externalIPs ?? []).entries()) {
    if (!IP.test(ip)) problems.invalid(`spec.externalIPs[${i}]`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
  }
  if (type === 'ExternalName') {
    problems.checkRequired('spec.externalName', externalName?.toLowerCase().replace(/\.$/, ''), dns1123Subdomain);
    if (clusterIP) problems.forbidden('spec.clusterIPs', 'may not be set for ExternalName services');
  } else if (ports.length === 0 && clusterIP !== 'None') problems.required('spec.ports');
  if (clusterIP === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) problems.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`);
  validateServicePorts(problems, service);
}

function validateServicePorts(problems: Problems, service: Service): void {
  const { type, ports = [] } = service.spec ?? {};
  for (const [i, port] of ports.entries()) {
    const field = `spec.ports[${i}]`;
    if (port.name) problems.check(`${field}.name`, port.name, dns1123Label);
    else if (ports.length > 1) problems.required(`${field}.name`);
    checkPort(problems, `${field}.port`, port.port ?? 0);
    problems.oneOf(`${field}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']);
    if (port.targetPort !== undefined && type !== 'ExternalName') validatePortReference(problems, `${field}.targetPort`, port.targetPort);
    if (port.nodePort && type === 'ClusterIP') problems.forbidden(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'");
    else if (port.nodePort) checkPort(problems, `${field}.nodePort`, port.nodePort);
  }
  problems.unique((i) => `spec.ports[${i}].name`, ports.map((port) => port.name));
  const addresses = ports.map((port) => `${port.protocol}/${port.port}`);
  for (const [i, address] of addresses.entries()) {
    if (addresses.indexOf(address) < i) problems.duplicate(`spec.ports[${i}]`, { protocol: ports[i]?.protocol, port: ports[i]?.port });
  }
}

export function validateServiceUpdate(problems: Problems, service: Service, old: Service): void {
  const [address, before] = [service.spec?.clusterIP, old.spec?.clusterIP];
  const hadAddress = old.spec?.type !== 'ExternalName' && before;
  if (hadAddress && service.spec?.type !== 'ExternalName' && address && address !== before) {
    problems.invalid('spec.clusterIPs[0]', service.spec?.clusterIPs ?? [address], 'may not change once set');
  }
}

export function validateNamespace(problems: Problems, namespace: Namespace): void {
  for (const finalizer of namespace.spec?.finalizers ?? []) validateFinalizer(problems, 'spec.finalizers', finalizer);
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export function validateClaim(problems: Problems, claim: PersistentVolumeClaim): void {
  const modes = claim.spec?.accessModes ?? [];
  if (modes.length === 0) problems.required('spec.accessModes', 'at least 1 access mode is required');
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) problems.notSupported('spec.accessModes', mode, ACCESS_MODES);
  const storage = claim.spec?.resources?.requests?.['storage'];
  if (storage === undefined) problems.required('spec.resources[storage]');
  else if (parseQuantity(storage).nanos <= 0n) problems.invalid('spec.resources[storage]', storage, 'must be greater than zero');
}

export function validateClaimUpdate(problems: Problems, claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const fixed = (spec: PersistentVolumeClaim['spec'], isBound: boolean): object => {
    const { resources: _r, volumeAttributesClassName: _a, volumeName, ...rest } = spec ?? {};
    // The binder names the volume once.
    return isBound ? { ...rest, volumeName } : rest;
  };
  const isBound = Boolean(old.spec?.volumeName);
  if (!jsonEqual(fixed(claim.spec, isBound), fixed(old.spec, isBound))) {
    problems.forbidden('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims');
  }
}
