import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { canonicalJson, isJsonObject, jsonEqual } from '#api/json.ts';
import { itemOf, memberOf, propertyOf } from './schema-parts.ts';

/** A value together with the one that stood in its place before. Equal ones are let through though they are wrong. */
export class Correlation {
  readonly #value: unknown;
  readonly #old: unknown;
  readonly #schema: JSONSchemaProps;
  #isEqual: boolean | undefined;

  constructor(value: unknown, old: unknown, schema: JSONSchemaProps) {
    this.#value = value;
    this.#old = old;
    this.#schema = schema;
  }

  isUnchanged(): boolean {
    return (this.#isEqual ??= jsonEqual(this.#value, this.#old));
  }

  /** Undefined for members that are new, or that the schema does not know. */
  key(name: string): Correlation | undefined {
    const [value, old] = [this.#value, this.#old];
    if (!isJsonObject(value) || !isJsonObject(old) || !Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined;
    const schema = memberOf(this.#schema, name);
    return schema && new Correlation(value[name], old[name], schema);
  }

  /** Only the items of a list with keys have a place: others move. */
  index(index: number): Correlation | undefined {
    const [value, old, schema] = [this.#value, this.#old, itemOf(this.#schema)];
    if (!Array.isArray(value) || !Array.isArray(old) || schema === undefined) return undefined;
    const former = formerItem(this.#schema, old, value[index]);
    return former === undefined ? undefined : new Correlation(value[index], former, schema);
  }
}

/** The item of the old list with the same keys; of lists of another type none. */
export function formerItem(schema: JSONSchemaProps, old: readonly unknown[] | undefined, item: unknown): unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || old === undefined || !isJsonObject(item)) return undefined;
  const key = keyText(schema, item);
  return old.find((former) => isJsonObject(former) && keyText(schema, former) === key);
}

function keyText(schema: JSONSchemaProps, item: Readonly<Record<string, unknown>>): string {
  const items = itemOf(schema);
  return canonicalJson((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => item[key] ?? (items && propertyOf(items, key)?.default) ?? null));
}
