import type { Conversion, EncodedObject } from '#api/conversion.ts';
import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';
import type { CustomSchema } from '#api/structural/custom-schema.ts';
import { ServedObjects } from './served-objects.ts';

/** Brings objects of custom resources into another version of theirs. @throws StatusError 500 */
export interface Converter {
  convert(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]>;
}

export interface CustomConversionOptions {
  readonly storedAs: GroupResource;
  /** `apiVersion` that is served. */
  readonly served: string;
  /** `apiVersion` in which objects are written to the store. */
  readonly stored: string;
  /** By `apiVersion`. */
  readonly schemas: ReadonlyMap<string, CustomSchema>;
  /** The webhook; without one versions differ in nothing but their name. */
  readonly converter?: Converter;
}

/**
 * Custom resources: what is read gets the defaults of the version in which it lies in the store, is converted, and loses what the schema
 * of the new version does not know.
 */
export class CustomConversion implements Conversion {
  readonly storedAs: GroupResource;
  readonly #options: CustomConversionOptions;
  readonly #served: ServedObjects;
  readonly convert?: (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>;

  constructor(options: CustomConversionOptions) {
    this.storedAs = options.storedAs;
    this.#options = options;
    if (options.converter) this.convert = async (objects, apiVersion) => this.#convertAll(objects, apiVersion);
    this.#served = new ServedObjects((objects) => this.#convertAll(objects.map((object) => this.#withDefaults(object)), options.served));
  }

  serve(stored: readonly EncodedObject[]): readonly EncodedObject[] | Promise<readonly EncodedObject[]> {
    return this.#served.of(stored);
  }

  store(served: KubeObject): KubeObject | Promise<KubeObject> {
    const { stored } = this.#options;
    if (served.apiVersion === stored) return served;
    const converted = this.#convertAll([served], stored);
    return converted instanceof Promise ? converted.then(([object]) => object ?? served) : (converted[0] ?? served);
  }

  isOutdated(stored: KubeObject): boolean {
    return stored.apiVersion !== this.#options.stored || this.#withDefaults(stored) !== stored;
  }

  #withDefaults(object: KubeObject): KubeObject {
    return this.#options.schemas.get(object.apiVersion)?.applyDefaults(object) ?? object;
  }

  #convertAll(objects: readonly KubeObject[], apiVersion: string): readonly KubeObject[] | Promise<readonly KubeObject[]> {
    const others = objects.filter((object) => object.apiVersion !== apiVersion);
    const { converter } = this.#options;
    if (others.length === 0 || converter === undefined) return objects.map((object) => (object.apiVersion === apiVersion ? object : this.#prune({ ...object, apiVersion })));
    return converter.convert(others, apiVersion).then((converted) => {
      let index = 0;
      return objects.map((object) => (object.apiVersion === apiVersion ? object : this.#prune(converted[index++] ?? object)));
    });
  }

  #prune(object: KubeObject): KubeObject {
    return this.#options.schemas.get(object.apiVersion)?.prune(object).object ?? object;
  }
}
