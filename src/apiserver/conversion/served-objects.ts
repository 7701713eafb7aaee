import type { EncodedObject } from '#api/conversion.ts';
import type { KubeObject } from '#api/object.ts';
import type { WrittenForm } from '#watchcache/cached-entry.ts';

export type Convert = (objects: readonly KubeObject[]) => readonly KubeObject[] | Promise<readonly KubeObject[]>;

/** The served forms of stored objects. Each is made once, for as long as somebody holds the stored one; failures are not kept. */
export class ServedObjects {
  readonly #convert: Convert;
  readonly #written: WrittenForm | undefined;
  readonly #known = new WeakMap<EncodedObject, EncodedObject | Promise<EncodedObject>>();

  constructor(convert: Convert, written?: WrittenForm) {
    this.#convert = convert;
    this.#written = written;
  }

  of(stored: readonly EncodedObject[]): readonly EncodedObject[] | Promise<readonly EncodedObject[]> {
    const missing = stored.filter((entry) => !this.#known.has(entry));
    if (missing.length > 0) this.#add(missing);
    const found = stored.map((entry) => this.#known.get(entry) ?? entry);
    return found.some((entry) => entry instanceof Promise) ? Promise.all(found) : (found as readonly EncodedObject[]);
  }

  #add(missing: readonly EncodedObject[]): void {
    const converted = this.#convert(missing.map((entry) => entry.object));
    if (!(converted instanceof Promise)) return missing.forEach((entry, i) => this.#known.set(entry, this.#servedOf(entry, converted[i])));
    missing.forEach((entry, i) => this.#known.set(entry, this.#later(entry, converted, i)));
  }

  async #later(entry: EncodedObject, converted: Promise<readonly KubeObject[]>, index: number): Promise<EncodedObject> {
    try {
      const served = this.#servedOf(entry, (await converted)[index]);
      this.#known.set(entry, served);
      return served;
    } catch (error) {
      this.#known.delete(entry);
      throw error;
    }
  }

  #servedOf(stored: EncodedObject, object: KubeObject | undefined): EncodedObject {
    return object === undefined || object === stored.object ? stored : new ServedObject(object, stored.revision, this.#written);
  }
}

class ServedObject implements EncodedObject {
  readonly object: KubeObject;
  readonly revision: number;
  readonly #written: WrittenForm | undefined;
  #json: Buffer | undefined;

  constructor(object: KubeObject, revision: number, written: WrittenForm | undefined) {
    this.#written = written;
    this.object = object;
    this.revision = revision;
  }

  json(): Buffer {
    this.#json ??= Buffer.from(JSON.stringify(this.#written?.(this.object) ?? this.object));
    return this.#json;
  }
}
