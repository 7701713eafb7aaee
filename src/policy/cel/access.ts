import { EvaluationError } from './errors.ts';
import { type CelList, isMap, mapKey, Optional, Uint, type Value } from './values.ts';

/** `value.field`. @throws EvaluationError */
export function select(value: Value, field: string): Value {
  if (isMap(value)) {
    const found = value.get(field);
    if (found === undefined) throw new EvaluationError(`no such key: ${field}`);
    return found;
  }
  if (value instanceof Optional) {
    if (value.value === undefined || !isMap(value.value)) return value.value === undefined ? value : unsupported();
    const found = value.value.get(field);
    return found === undefined ? Optional.NONE : new Optional(found);
  }
  if (Array.isArray(value)) return unsupported();
  // Null, texts and numbers have no fields, as a map without the key.
  throw new EvaluationError(`no such key: ${field}`);
}

/** `has(value.field)`. */
export function hasField(value: Value, field: string): boolean {
  if (isMap(value)) return value.has(field);
  if (value instanceof Optional) return isMap(value.value) && value.value.has(field);
  return Array.isArray(value) ? unsupported() : false;
}

/** `value[key]`. */
export function index(value: Value, key: Value): Value {
  if (value instanceof Optional) {
    if (value.value === undefined) return value;
    const found = lookUp(value.value, key);
    return found === undefined ? Optional.NONE : new Optional(found);
  }
  const found = lookUp(value, key);
  if (found !== undefined) return found;
  if (Array.isArray(value)) throw new EvaluationError(`index out of bounds: ${text(key)}`);
  throw new EvaluationError(`no such key: ${text(key)}`);
}

function lookUp(value: Value, key: Value): Value | undefined {
  if (isMap(value)) {
    const k = mapKey(key);
    return k === undefined ? undefined : value.get(k);
  }
  if (!Array.isArray(value)) return undefined;
  const position = mapKey(key);
  if (typeof position !== 'bigint') throw new EvaluationError('no such overload');
  return (value as CelList)[Number(position)];
}

const text = (key: Value): string => (key instanceof Uint ? String(key.value) : String(key));

function unsupported(): never {
  throw new EvaluationError('no such overload');
}
