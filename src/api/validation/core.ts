import { parseJsonObject } from './json-text.ts';
import { immutable, validateFinalizer } from './object-meta.ts';
import type { Problems } from './problems.ts';
import type { ConfigMap, Namespace, Secret } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { configKey } from '#api/names.ts';

const MAX_DATA_BYTES = 1024 * 1024;
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
    const isMissing = key === 'ssh-privatekey' ? !secret.data?.[key] : secret.data?.[key] === undefined;
    if (isMissing) problems.required(`data[${key}]`);
  }
  for (const key of ['.dockerconfigjson', '.dockercfg']) if (REQUIRED_KEYS[secret.type ?? '']?.includes(key)) validateDockerConfig(problems, key, secret.data?.[key]);
  if (secret.type === 'kubernetes.io/basic-auth' && secret.data?.['username'] === undefined && secret.data?.['password'] === undefined) {
    problems.required('data[username]');
    problems.required('data[password]');
  }
  if (secret.type === 'kubernetes.io/service-account-token' && !secret.metadata.annotations?.[SERVICE_ACCOUNT_ANNOTATION]) problems.required(`metadata.annotations[${SERVICE_ACCOUNT_ANNOTATION}]`);
}

function validateDockerConfig(problems: Problems, key: string, data: string | undefined): void {
  const { fault } = data === undefined ? {} : parseJsonObject(Buffer.from(data, 'base64').toString('utf8'), 'map[string]interface {}');
  if (fault !== undefined) problems.invalid(`data[${key}]`, '<secret contents redacted>', fault);
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

/** Changed finalizers are told one by one. */
export function validateNamespace(problems: Problems, { spec }: Namespace, _resource: unknown, old: Namespace | undefined): void {
  for (const [i, finalizer] of (spec?.finalizers ?? []).entries()) validateFinalizer(problems, old === undefined ? 'spec.finalizers' : `spec.finalizers[${i}]`, finalizer);
}

/** The phase says whether the namespace goes away, which only its deletion begins. */
export function validateNamespaceStatus(problems: Problems, { metadata, status }: Namespace): void {
  const isGoing = metadata?.deletionTimestamp !== undefined;
  const wanted = isGoing ? 'Terminating' : 'Active';
  if (status?.phase !== wanted) problems.invalid('status.Phase', status?.phase ?? '', `may only be '${wanted}' if \`deletionTimestamp\` is ${isGoing ? 'not ' : ''}empty`);
}
