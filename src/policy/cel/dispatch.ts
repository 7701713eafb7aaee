import type { Overload } from './declarations.ts';
import { EvaluationError } from './errors.ts';
import type { Type } from './types.ts';
import { Duration, isMap, isOpaque, Optional, Timestamp, typeName, TypeValue, Uint, type Value } from './values.ts';

/** Calls the signature that fits the values; the types of one that was known when it was compiled are not looked at again. */
export function dispatcher(name: string, overloads: readonly Overload[], isDynamic: boolean): (values: readonly Value[]) => Value {
  const [only] = overloads;
  if (only && !isDynamic) return (values) => only.call(...(values as readonly never[]));
  return (values) => {
    for (const overload of overloads) if (acceptsAll(overload.params, values)) return overload.call(...(values as readonly never[]));
    throw noOverload(name, values);
  };
}

const NUMBERS = ['int', 'uint', 'double'];
const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const ORDERED = [...NUMBERS, ...TIMES, 'bool', 'bytes', 'string'];
/** Types that an operator is for, and texts, which may have any: of their values it says no more than that the other one does not fit. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  '_+_': [...NUMBERS, ...TIMES, 'string', 'bytes', 'list'], '_-_': [...NUMBERS, ...TIMES, 'string'], '_*_': [...NUMBERS, 'string'], '_/_': [...NUMBERS, 'string'], '_%_': ['int', 'uint', 'string'], '-_': ['int', 'double', 'string'],
  '_<_': ORDERED, '_<=_': ORDERED, '_>_': ORDERED, '_>=_': ORDERED, size: ['string', 'bytes', 'list', 'map'], sort: ['list'], '@sortByAssociatedKeys': ['list'],
};
/** Methods that values have by themselves, not by a signature. */
const OWN = /^(?:startsWith|endsWith|contains|matches|getFullYear|getMonth|getDate|getDayOf\w+|!_|@in)$/;

/** In cel-go's words, which depend on where it finds out. */
export function noOverload(name: string, values: readonly Value[]): EvaluationError {
  const left = Object.hasOwn(LEFT, name) ? LEFT[name] : undefined;
  if (left) return new EvaluationError(left.includes(typeName(values[0] as Value)) ? 'no such overload' : `no such overload: ${name}`);
  return new EvaluationError(OWN.test(name) ? 'no such overload' : `no such overload: ${name}(${values.map(typeName).join(', ')})`);
}

function acceptsAll(params: readonly Type[], values: readonly Value[]): boolean {
  for (let i = 0; i < params.length; i += 1) if (!accepts(params[i] as Type, values[i] as Value)) return false;
  return true;
}

function accepts(type: Type, value: Value): boolean {
  switch (type.kind) {
    case 'dyn': case 'any': case 'param': case 'error': return true;
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
