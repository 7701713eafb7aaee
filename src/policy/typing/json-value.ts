import { exactInteger } from '#api/exact-json.ts';
import type { JsonObject } from '#api/json.ts';
import { formatDuration, formatTimestamp } from '../cel/time.ts';
import { EvaluationError } from '../cel/errors.ts';
import { Duration, isMap, Optional, Timestamp, typeName, Uint, type Value } from '../cel/values.ts';
import { JsonMap } from './json-map.ts';

/** JSON without a schema: whole numbers become integers, as in the API's own objects. */
export function fromJson(json: unknown): Value {
  switch (typeof json) {
    // Beyond int64 Go reads a double.
    case 'number': return Number.isSafeInteger(json) ? BigInt(json) : json;
    case 'string': case 'boolean': case 'bigint': return json;
    case 'object': break;
    default: return null;
  }
  if (json === null) return null;
  if (Array.isArray(json)) return json.map(fromJson);
  return new JsonMap(json as JsonObject, fromJson);
}

/** @throws EvaluationError for values that JSON has no form for */
export function toJson(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return exactInteger(value);
  if (value instanceof Uint) return exactInteger(value.value);
  if (Array.isArray(value)) return (value as Value[]).map(toJson);
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional && value.value !== undefined) return toJson(value.value);
  throw new EvaluationError(`type conversion error from '${typeName(value)}' to JSON`);
}
