import type { KubeObject } from '#api/object.ts';
import { isSealedSecret, secretOf, type SealedSecret } from './sealed/sealed-secret.ts';
import { ENCRYPTED_PREFIX } from './sops/encrypted-value.ts';

type Data = Readonly<Record<string, unknown>>;

/** An object as it would be in clear text, but for its values: a sealed secret as the Secret that comes of it, without the block of SOPS. */
export function leftEncrypted(object: KubeObject, namespace: string): KubeObject {
  if (isSealedSecret(object)) return secretOf(object as SealedSecret, object.metadata.namespace || namespace, (_field, value) => value);
  const { sops, data, ...rest } = object as KubeObject & { readonly sops?: unknown; readonly data?: Data };
  if (sops === undefined) return object;
  return (data && object.kind === 'Secret' ? { ...rest, data: Object.fromEntries(Object.entries(data).map(encoded)) } : { ...rest, ...(data ? { data } : {}) }) as KubeObject;
}

/** What is no base64 would be refused. */
const encoded = ([key, value]: readonly [string, unknown]): readonly [string, unknown] =>
  [key, typeof value === 'string' && value.startsWith(ENCRYPTED_PREFIX) ? Buffer.from(value).toString('base64') : value];
