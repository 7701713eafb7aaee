import type { JsonObject } from '#api/json.ts';
import type { MapKey, Value } from '../cel/values.ts';

/** A JSON object as a CEL map. Members are converted when they are read: most expressions look at few of an object's many. */
export class JsonMap extends Map<MapKey, Value> {
  readonly #json: JsonObject;
  readonly #convert: (json: unknown) => Value;
  #isWhole = false;

  constructor(json: JsonObject, convert: (json: unknown) => Value) {
    super();
    this.#json = json;
    this.#convert = convert;
  }

  override get(key: MapKey): Value | undefined {
    return this.#read(key);
  }

  override has(key: MapKey): boolean {
    return this.#holds(key);
  }

  override get size(): number {
    this.#readAll();
    return super.size;
  }

  override keys(): MapIterator<MapKey> {
    this.#readAll();
    return super.keys();
  }

  override values(): MapIterator<Value> {
    this.#readAll();
    return super.values();
  }

  override entries(): MapIterator<[MapKey, Value]> {
    this.#readAll();
    return super.entries();
  }

  override [Symbol.iterator](): MapIterator<[MapKey, Value]> {
    return this.entries();
  }

  override forEach(visit: (value: Value, key: MapKey, map: Map<MapKey, Value>) => void): void {
    this.#readAll();
    super.forEach(visit);
  }

  #read(key: MapKey): Value | undefined {
    const known = super.get(key);
    if (known !== undefined || !this.#holds(key)) return known;
    const value = this.#convert(this.#json[key as string]);
    this.set(key, value);
    return value;
  }

  #holds(key: MapKey): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#json, key) && this.#json[key] !== undefined;
  }

  /** In the order of the JSON, whatever was read before. */
  #readAll(): void {
    if (this.#isWhole) return;
    this.#isWhole = true;
    for (const key of Object.keys(this.#json)) {
      const value = this.#read(key);
      if (value === undefined) continue;
      this.delete(key);
      this.set(key, value);
    }
  }
}
