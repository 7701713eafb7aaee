import { formatDuration, formatTimestamp } from '../cel/time.ts';
import { EvaluationError } from '../cel/errors.ts';
import { Duration, isMap, type MapKey, Optional, Timestamp, typeName, Uint, type Value } from '../cel/values.ts';

/** JSON without a schema: whole numbers become integers, as in the API's own objects. */
export function fromJson(json: unknown): Value {
  switch (typeof json) {
    case 'number': return Number.isInteger(json) ? BigInt(json) : json;
    case 'string': case 'boolean': return json;
    case 'object': break;
    default: return null;
  }
  if (json === null) return null;
  if (Array.isArray(json)) return json.map(fromJson);
  const map = new Map<MapKey, Value>();
  for (const [key, value] of Object.entries(json)) if (value !== undefined) map.set(key, fromJson(value));
  return map;
}

/** @throws EvaluationError for values that JSON has no form for */
export function toJson(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (Array.isArray(value)) return (value as Value[]).map(toJson);
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional && value.value !== undefined) return toJson(value.value);
  throw new EvaluationError(`type conversion error from '${typeName(value)}' to JSON`);
}
