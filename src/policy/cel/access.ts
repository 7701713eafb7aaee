import { goFloat } from '#api/go-text.ts';
import { EvaluationError } from './errors.ts';
import { type CelList, mapKey, membersOf, Optional, typeName, Uint, type Value } from './values.ts';

/** `value.field`. @throws EvaluationError */
export function select(value: Value, field: string): Value {
  const members = membersOf(value);
  if (members) {
    const found = members.get(field);
    if (found === undefined) throw new EvaluationError(`no such key: ${field}`);
    return found;
  }
  if (value instanceof Optional) {
    const found = value.value !== undefined && hasField(value.value, field) ? membersOf(value.value)?.get(field) : undefined;
    return found === undefined ? Optional.NONE : new Optional(found);
  }
  if (Array.isArray(value)) return notInList(field);
  // Null, texts and numbers have no fields, as a map without the key.
  throw new EvaluationError(`no such key: ${field}`);
}

/** `has(value.field)`. */
export function hasField(value: Value, field: string): boolean {
  const members = membersOf(value);
  if (members) return members.has(field);
  if (value instanceof Optional) return membersOf(value.value)?.has(field) ?? false;
  return Array.isArray(value) ? notInList(field) : false;
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
  const members = membersOf(value);
  if (members) {
    const k = mapKey(key);
    return k === undefined ? undefined : members.get(k);
  }
  if (!Array.isArray(value)) return undefined;
  const position = mapKey(key);
  if (typeof position !== 'bigint') return notInList(key);
  return (value as CelList)[Number(position)];
}

const text = (key: Value): string => (key instanceof Uint ? String(key.value) : String(key));

/** What is no number at all is told of by its type. */
function notInList(key: Value): never {
  throw new EvaluationError(typeof key === 'number' ? `unsupported index value ${goFloat(key)} in list` : `unsupported index type '${typeName(key)}' in list`);
}
