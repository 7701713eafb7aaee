import { parseExactJson } from '#api/exact-json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ObjectKey } from '#store/object-store.ts';
import { spliceVersion } from './splice-version.ts';
import type { CachedObject } from './watch-cache.ts';

/** Sorts by (namespace, name): NUL is below every character of a namespace. */
export const sortKey = (namespace: string, name: string): string => `${namespace}\0${name}`;

/** An object as its text has it for clients: itself when that says the same as what is stored. */
export type WrittenForm = (object: KubeObject) => KubeObject;

/**
 * One state of one object. Decoded and encoded when first asked for, then kept for all readers; of the text only one form is kept, so that an
 * object that was listed and never looked at takes little more than its JSON.
 */
export class CachedEntry implements CachedObject {
  readonly key: ObjectKey;
  readonly sortKey: string;
  readonly revision: number;
  /** Dropped when there are bytes. */
  #stored: string | undefined;
  #object: KubeObject | undefined;
  #json: Buffer | undefined;
  readonly #written: WrittenForm | undefined;

  constructor(key: ObjectKey, value: string, revision: number, written?: WrittenForm) {
    this.#written = written;
    this.key = key;
    this.sortKey = sortKey(key.namespace, key.name);
    this.revision = revision;
    this.#stored = value;
  }

  get object(): KubeObject {
    this.#object ??= this.#decode();
    return this.#object;
  }

  json(): Buffer {
    if (this.#json === undefined) {
      this.#json = Buffer.from(this.#completed() ?? spliceVersion(this.#stored ?? '', this.revision));
      this.#stored = undefined;
    }
    return this.#json;
  }

  /** Undefined when the stored text is what clients get. Of another text the object could not be made again, so it is kept. */
  #completed(): string | undefined {
    if (this.#written === undefined) return undefined;
    const object = this.#object ?? this.#decode();
    const whole = this.#written(object);
    if (whole === object) return undefined;
    this.#object = object;
    return JSON.stringify(whole);
  }

  #decode(): KubeObject {
    const decoded = parseExactJson(this.#stored ?? this.#json?.toString() ?? '') as KubeObject;
    return { ...decoded, metadata: { ...decoded.metadata, resourceVersion: String(this.revision) } };
  }
}
