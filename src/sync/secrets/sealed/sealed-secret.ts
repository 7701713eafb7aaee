import type { KeyObject } from 'node:crypto';
import type { KubeObject } from '#api/object.ts';
import { DecryptionError } from '../decryption-error.ts';
import { openHybrid } from './hybrid.ts';

/** Of Bitnami's sealed-secrets controller. */
export interface SealedSecret extends KubeObject {
  readonly spec?: {
    readonly encryptedData?: Readonly<Record<string, string>>;
    /** The form of before 2018: all in one. */
    readonly data?: string;
    readonly template?: SecretTemplate;
  };
}

interface SecretTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly type?: string;
  readonly immutable?: boolean;
  /** Added in clear; null takes an entry out. */
  readonly data?: Readonly<Record<string, string | null>> | null;
}

const PREFIX = 'sealedsecrets.bitnami.com/';

export const isSealedSecret = ({ apiVersion, kind }: KubeObject): boolean => kind === 'SealedSecret' && apiVersion.startsWith('bitnami.com/');

/** The Secret that it holds, as the controller would make it; errors name the field. @throws DecryptionError KeyNotFound, UnsupportedEncryption */
export function unseal(sealed: SealedSecret, keys: readonly KeyObject[], namespace: string): KubeObject {
  const label = labelOf(sealed, namespace);
  return secretOf(sealed, namespace, (field, value) => openValue(field, value, keys, label).toString('base64'));
}

/** With its own labels and annotations besides those of its template: they tell the sync about waves and pruning. `open` gives a value in base64. */
export function secretOf({ metadata, spec = {} }: SealedSecret, namespace: string, open: (field: string, value: string) => string): KubeObject {
  const { template = {}, encryptedData = {} } = spec;
  if (spec.data !== undefined) throw new DecryptionError('UnsupportedEncryption', 'this form is obsolete; seal the Secret anew with kubeseal', { field: 'spec.data' });
  const opened = Object.entries(encryptedData).map(([key, value]) => [key, open(`spec.encryptedData.${key}`, value)] as const);
  const templated = Object.entries(template.data ?? {}).map(([key, value]) => [key, value === null ? undefined : plainTemplate(`spec.template.data.${key}`, value)] as const);
  const labels = { ...metadata.labels, ...template.metadata?.labels };
  const annotations = { ...withoutScope(metadata.annotations), ...template.metadata?.annotations };
  return {
    apiVersion: 'v1', kind: 'Secret', metadata: { name: metadata.name, namespace, ...some('labels', labels), ...some('annotations', annotations) },
    ...(template.type ? { type: template.type } : {}), ...(template.immutable === undefined ? {} : { immutable: template.immutable }),
    data: Object.fromEntries([...new Map([...opened, ...templated])].filter(([, value]) => value !== undefined)),
  } as KubeObject;
}

/** What binds the values to their place: name and namespace, the namespace, or nothing. */
function labelOf({ metadata: { name, annotations } }: SealedSecret, namespace: string): string {
  if (annotations?.[`${PREFIX}cluster-wide`] === 'true') return '';
  return annotations?.[`${PREFIX}namespace-wide`] === 'true' ? namespace : `${namespace}/${name}`;
}

function openValue(field: string, value: string, keys: readonly KeyObject[], label: string): Buffer {
  for (const key of keys) {
    const opened = openHybrid(Buffer.from(value, 'base64'), key, label);
    if (opened) return opened;
  }
  throw new DecryptionError('KeyNotFound', `no key opens it${label === '' ? '' : `, or it was not sealed for ${label}`}, or it was changed`, { field });
}

function plainTemplate(field: string, value: string): string {
  if (value.includes('{{')) throw new DecryptionError('UnsupportedEncryption', 'templates are not supported', { field });
  return Buffer.from(value).toString('base64');
}

const some = (field: string, map: Readonly<Record<string, string>>): object => (Object.keys(map).length > 0 ? { [field]: map } : {});
const withoutScope = (annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith(PREFIX) && key !== 'kubectl.kubernetes.io/last-applied-configuration'));
