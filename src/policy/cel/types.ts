/** The static types of CEL, with what the cost estimate needs to know of their values. */
export interface Type {
  readonly kind: TypeKind;
  /** Of objects, opaque types and type parameters. */
  readonly name?: string;
  /** `list`: [element]; `map`: [key, value]; `optional` and `type`: [of]. */
  readonly of?: readonly Type[];
  /** Of objects. Undefined for a field that the type does not have. */
  readonly field?: (name: string) => Type | undefined;
  /** Of objects: by which name their values hold a field, where that is not the name that an expression gives. */
  readonly heldAs?: (name: string) => string | undefined;
  /** Most elements of a list or map, most bytes of a string; absent when nothing is known. */
  readonly max?: number;
}

export type TypeKind =
  | 'dyn' | 'any' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'null' | 'timestamp' | 'duration'
  | 'list' | 'map' | 'object' | 'opaque' | 'optional' | 'type' | 'param' | 'error';

const simple = (kind: TypeKind): Type => ({ kind });

export const DYN = simple('dyn');
/** As `dyn`, but said to be something of its own: no range of a comprehension, and no neighbour of another type in a list. */
export const ANY = simple('any');
export const BOOL = simple('bool');
export const INT = simple('int');
export const UINT = simple('uint');
export const DOUBLE = simple('double');
export const STRING = simple('string');
export const BYTES = simple('bytes');
export const NULL = simple('null');
export const TIMESTAMP = simple('timestamp');
export const DURATION = simple('duration');
/** Stands where an error was reported already, so that it is not reported again. */
export const ERROR = simple('error');

export const list = (element: Type, max?: number): Type => ({ kind: 'list', of: [element], ...(max === undefined ? {} : { max }) });
export const map = (key: Type, value: Type, max?: number): Type => ({ kind: 'map', of: [key, value], ...(max === undefined ? {} : { max }) });
export const optional = (of: Type): Type => ({ kind: 'optional', of: [of] });
export const typeOf = (of: Type): Type => ({ kind: 'type', of: [of] });
export const opaque = (name: string): Type => ({ kind: 'opaque', name });
export const param = (name: string): Type => ({ kind: 'param', name });
export const object = (name: string, field: (name: string) => Type | undefined, heldAs?: (name: string) => string | undefined): Type => ({ kind: 'object', name, field, ...(heldAs ? { heldAs } : {}) });

export const elementOf = (type: Type): Type => type.of?.[0] ?? DYN;
export const valueOf = (type: Type): Type => type.of?.[1] ?? DYN;

const NAMES: Readonly<Partial<Record<TypeKind, string>>> = { any: 'google.protobuf.Any', null: 'null_type', timestamp: 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration', optional: 'optional_type' };

/** By the names that types have in expressions: `list(google.protobuf.Timestamp)`; `isBare` leaves out what it is made of. */
export function typeText(type: Type, isBare = false): string {
  const name = type.kind === 'object' || type.kind === 'opaque' || type.kind === 'param' ? (type.name ?? type.kind) : (NAMES[type.kind] ?? type.kind);
  return isBare || !type.of ? name : `${name}(${type.of.map((of) => typeText(of)).join(', ')})`;
}

/** As cel-go words it in errors: `map(string, int)`, `list(dyn)`. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'list': return `list(${formatType(elementOf(type))})`;
    case 'map': return `map(${formatType(elementOf(type))}, ${formatType(valueOf(type))})`;
    case 'optional': return `optional_type(${formatType(elementOf(type))})`;
    case 'type': return type.of ? `type(${formatType(elementOf(type))})` : 'type';
    case 'object': case 'opaque': case 'param': return type.name ?? type.kind;
    case 'timestamp': return 'timestamp';
    case 'error': return '!error!';
    default: return type.kind;
  }
}
