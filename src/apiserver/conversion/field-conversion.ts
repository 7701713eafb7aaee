import type { Conversion, EncodedObject } from '#api/conversion.ts';
import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';
import type { WrittenForm } from '#watchcache/cached-entry.ts';
import { ServedObjects } from './served-objects.ts';

export interface FieldConversionOptions {
  readonly storedAs: GroupResource;
  /** The `apiVersion` in which objects are stored. */
  readonly stored: string;
  /** An object of any version in the served one; the same when it is in that already. */
  readonly toServed: (object: KubeObject) => KubeObject;
  readonly toStored: (object: KubeObject) => KubeObject;
  /** The text of what is served. */
  readonly written?: WrittenForm | undefined;
}

/** Built-in kinds of which the server itself knows how the fields of two versions go together. */
export class FieldConversion implements Conversion {
  readonly storedAs: GroupResource;
  readonly #options: FieldConversionOptions;
  readonly #served: ServedObjects;

  constructor(options: FieldConversionOptions) {
    this.storedAs = options.storedAs;
    this.#options = options;
    this.#served = new ServedObjects((objects) => objects.map(options.toServed), options.written);
  }

  serve(stored: readonly EncodedObject[]): readonly EncodedObject[] | Promise<readonly EncodedObject[]> {
    return this.#served.of(stored);
  }

  store(served: KubeObject): KubeObject {
    return this.#options.toStored(served);
  }

  isOutdated(stored: KubeObject): boolean {
    return stored.apiVersion !== this.#options.stored;
  }
}
