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
    readonly template?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
      readonly type?: string;
      readonly immutable?: boolean;
      readonly data?: Readonly<Record<string, string | null>> | null;
    };
  };
}

const PREFIX = 'sealedsecrets.bitnami.com/';

export const isSealedSecret = ({ apiVersion, kind }: KubeObject): boolean => kind === 'SealedSecret' && apiVersion.startsWith('bitnami.com/');

/**
 * The Secret that it holds, as the controller would make it, with its own labels and annotations besides: they tell the sync
 * about waves and pruning. Errors name the field.
 * @throws DecryptionError KeyNotFound, UnsupportedEncryption
 */
export function unseal(sealed: SealedSecret, keys: readonly KeyObject[], namespace: string): KubeObject {
  const { template = {}, encryptedData = {}, data: whole } = sealed.spec ?? {};
  if (whole !== undefined) throw new DecryptionError('UnsupportedEncryption', 'this form is obsolete; seal the Secret anew with kubeseal', { field: 'spec.data' });
  const { name, labels, annotations } = sealed.metadata;
  const label = labelOf(sealed, namespace);
  const opened = Object.entries(encryptedData).map(([key, value]) => [key, openValue(`spec.encryptedData.${key}`, value, keys, label).toString('base64')] as const);
  const added = Object.entries(template.data ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, plainTemplate(`spec.template.data.${key}`, value)] as const]));
  const removed = new Set(Object.entries(template.data ?? {}).flatMap(([key, value]) => (value === null ? [key] : [])));
  const metadata = {
    name, namespace, ...some('labels', { ...labels, ...template.metadata?.labels }), ...some('annotations', { ...withoutScope(annotations), ...template.metadata?.annotations }),
  };
  return {
    apiVersion: 'v1', kind: 'Secret', metadata, ...(template.type ? { type: template.type } : {}), ...(template.immutable === undefined ? {} : { immutable: template.immutable }),
    data: Object.fromEntries([...opened, ...added].filter(([key]) => !removed.has(key))),
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
