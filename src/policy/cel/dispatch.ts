import type { Overload } from './declarations.ts';
import { EvaluationError } from './errors.ts';
import type { Type } from './types.ts';
import { Duration, isMap, isOpaque, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts';

/** Calls the signature that fits the values; the types of one that was known when it was compiled are not looked at again. */
export function dispatcher(overloads: readonly Overload[], isDynamic: boolean): (values: readonly Value[]) => Value {
  const [only] = overloads;
  if (only && !isDynamic) return (values) => only.call(...(values as readonly never[]));
  return (values) => {
    const overload = overloads.find((o) => o.params.every((type, i) => accepts(type, values[i] as Value)));
    if (!overload) throw new EvaluationError('no such overload');
    return overload.call(...(values as readonly never[]));
  };
}

function accepts(type: Type, value: Value): boolean {
  switch (type.kind) {
    case 'dyn': case 'param': case 'error': return true;
    case 'bool': return typeof value === 'boolean';
    case 'int': return typeof value === 'bigint';
    case 'double': return typeof value === 'number';
    case 'string': return typeof value === 'string';
    case 'null': return value === null;
    case 'uint': return value instanceof Uint;
    case 'bytes': return value instanceof Uint8Array;
    case 'timestamp': return value instanceof Timestamp;
    case 'duration': return value instanceof Duration;
    case 'optional': return value instanceof Optional;
    case 'type': return value instanceof TypeValue;
    case 'list': return Array.isArray(value) && (value.length === 0 || accepts(type.of?.[0] as Type, value[0] as Value));
    case 'map': case 'object': return isMap(value);
    case 'opaque': return isOpaque(value) && value.celType === type.name;
  }
}
