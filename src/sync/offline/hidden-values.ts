import { createHash } from 'node:crypto';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';

/** Shorter values are no secret to find in a message: they would hide half of it. */
const MIN_HIDDEN_LENGTH = 4;

/** Takes the values of Secrets out of what is shown. Whether two are the same can still be told; what they are, not even by guessing, as the salt is thrown away. */
export class HiddenValues {
  readonly #salt: string;

  /** `salt`: random, of one run. */
  constructor(salt: string) {
    this.#salt = salt;
  }

  /** The object as it may be shown. */
  hide(object: KubeObject): KubeObject {
    if (!isSecret(object)) return object;
    const annotations = Object.entries(object.metadata.annotations ?? {}).map(([key, value]) => [key, key.endsWith('/last-applied-configuration') ? this.#token(value) : value] as const);
    return {
      ...object, ...this.#hideAll(object, 'data'), ...this.#hideAll(object, 'stringData'),
      metadata: { ...object.metadata, ...(object.metadata.annotations ? { annotations: Object.fromEntries(annotations) } : {}) },
    };
  }

  /** A message about the object, without its values. */
  hideIn(message: string, object: KubeObject): string {
    if (!isSecret(object)) return message;
    return valuesOf(object).reduce((text, value) => text.replaceAll(value, '<hidden>'), message);
  }

  #hideAll(object: Secretive, field: 'data' | 'stringData'): object {
    const values = object[field];
    return isJsonObject(values) ? { [field]: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, this.#token(value)])) } : {};
  }

  #token(value: unknown): string {
    return `<hidden ${createHash('sha256').update(this.#salt).update(JSON.stringify(value) ?? '').digest('hex').slice(0, 8)}>`;
  }
}

type Secretive = KubeObject & { readonly data?: unknown; readonly stringData?: unknown };
const isSecret = (object: KubeObject): object is Secretive => object.kind === 'Secret' && object.apiVersion === 'v1';

/** Encoded and in clear text, the longest first: one may hold another. */
function valuesOf({ data, stringData }: Secretive): readonly string[] {
  const texts = [data, stringData].flatMap((values) => (isJsonObject(values) ? Object.values(values) : [])).filter((value) => typeof value === 'string');
  const clear = isJsonObject(data) ? Object.values(data).flatMap((value) => (typeof value === 'string' ? [Buffer.from(value, 'base64').toString()] : [])) : [];
  return [...texts, ...clear].filter((value) => value.length >= MIN_HIDDEN_LENGTH).sort((a, b) => b.length - a.length);
}
