import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import { holdsOff, isOff } from '#api/features-off.ts';
import { fieldPath, isJsonObject, mapItems, mapMembers } from '#api/json.ts';
import { canonicalQuantity, quantityFault } from '#api/quantity.ts';
import type { Schema, StructType } from '#api/schema.ts';
import { HeadwayError } from '#base/errors.ts';

/** Returns the value itself when it is as it should be, undefined to drop the member that holds it. */
export type Decoder = (value: unknown, state: DecodeState) => unknown;

/** A JSON value does not fit its type; the message is Go's. */
export class Mismatch extends HeadwayError {
  readonly code = 'json-mismatch';
  readonly isRetryable = false;

  constructor(message: string) {
    super(message, {});
  }
}

/** Where a decoder is in the object, and what it met on its way. */
export class DecodeState {
  readonly Mismatch = Mismatch;
  readonly unknownFields: string[] = [];
  /** Fields, places in lists, and keys of maps, which Go leaves out of what it says of a mismatch. */
  readonly path: (string | number | readonly [key: string])[] = [];
  /** Nothing is dropped that `asKept` would drop: who applies null, zero, or a field of a feature that is off, owns it all the same. */
  readonly isAsSent: boolean;
  /** Go's name of the struct that is being read. */
  struct = '';

  constructor({ isAsSent = false }: { readonly isAsSent?: boolean } = {}) {
    this.isAsSent = isAsSent;
  }

  at<T>(step: string | number, decode: () => T): T {
    this.path.push(step);
    const result = decode();
    this.path.pop();
    return result;
  }

  /** Go's message for a JSON value that does not fit. */
  mismatch(value: unknown, goType: string): Error {
    const fields = this.path.filter((step) => typeof step === 'string').join('.');
    const where = this.struct === '' ? 'Go value' : `Go struct field ${this.struct}.${fields}`;
    return new Mismatch(`json: cannot unmarshal ${foundText(value, goType)} into ${where} of type ${goType}`);
  }

  /** The same, of a type that reads its JSON by itself. */
  unread(value: unknown, goType: string): Error {
    return this.mismatch(value, goType);
  }
}

/** What Go's message says was found in the place of a value of the type. */
export function foundText(value: unknown, goType: string): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : value === null ? 'null' : 'object';
  if (typeof value !== 'number' && typeof value !== 'bigint') return typeof value === 'boolean' ? 'bool' : typeof value;
  return goType.startsWith('int') ? `number ${Number.isInteger(value) ? BigInt(value) : value}` : 'number';
}

const compiled = new WeakMap<Schema, Map<string, Decoder>>();

/** Decoders belong to a schema and live as long as it. */
export function decoderOf(schema: Schema, reference: string): Decoder {
  let decoders = compiled.get(schema);
  if (decoders === undefined) compiled.set(schema, (decoders = new Map()));
  return decoders.get(reference) ?? compileDecoder(schema, reference, decoders);
}

/** Compiles the decoder of a type, and of all types in it, into `known`; it need not be compiled again. */
export function compileDecoder(schema: Schema, reference: TypeReference, known: Map<TypeReference, Decoder>): Decoder {
  const existing = known.get(reference);
  if (existing !== undefined) return existing;
  // Types refer to themselves (JSONSchemaProps): the name is bound first, and looked up when it is called.
  known.set(reference, (value, state) => compiled(value, state));
  const shape = schema.shape(reference);
  const compiled = shape.form === 'scalar' ? scalarDecoder(shape.scalar, schema, known)
    : shape.form === 'struct' ? structDecoder(shape.struct, schema, known)
    : shape.form === 'list' ? listDecoder(reference, compileDecoder(schema, shape.element, known), zeroOf(schema, shape.element))
    : mapDecoder(reference, memberDecoder(schema, shape.element, known), zeroOf(schema, shape.element));
  known.set(reference, compiled);
  return compiled;
}

interface Field {
  readonly decode: Decoder;
  /** Whether the value is not kept. Default: every value is. */
  readonly drops?: (value: unknown, sent: unknown) => boolean;
}

function structDecoder(struct: StructType, schema: Schema, known: Map<TypeReference, Decoder>): Decoder {
  const fields = new Map<string, Field>();
  for (const [name, facts] of struct.fields) fields.set(name, fieldOf(struct.reference, name, facts, compileDecoder(schema, facts.type, known)));
  const goType = goTypeOf(struct.reference);
  return (value, state) => {
    if (!isJsonObject(value)) throw state.mismatch(value, goType);
    const outer = state.struct;
    state.struct = struct.name;
    const result = mapMembers(value, (member, name) => {
      const field = fields.get(name);
      if (field !== undefined) return decodeField(field, member, name, state);
      if (struct.kind && (name === 'apiVersion' || name === 'kind')) return member;
      state.unknownFields.push(fieldPath([...state.path, name].flat()));
      return undefined;
    });
    state.struct = outer;
    return result;
  };
}

function fieldOf(type: TypeReference, name: string, facts: FieldFacts, decode: Decoder): Field {
  if (isOff(type, name)) return { decode, drops: () => true };
  if (holdsOff(type, name)) return { decode, drops: (value, sent) => value !== sent && isEmpty(value) };
  return omitsEmpty(facts) ? { decode, drops: isEmpty } : { decode };
}

/** Go's `omitempty` never writes it when it is empty: a list, a map, or a scalar that is no pointer. */
function omitsEmpty({ type, proto, zero, pointer, required }: FieldFacts): boolean {
  // Types of our own have no Go behind them.
  if (proto === undefined) return required !== true && (type.startsWith('[]') || type.startsWith('map[]'));
  return zero !== true && pointer !== true;
}

function decodeField(field: Field, value: unknown, name: string, state: DecodeState): unknown {
  if (value === null || value === undefined) return state.isAsSent && value === null ? null : undefined;
  state.path.push(name);
  const result = field.decode(value, state);
  state.path.pop();
  return field.drops === undefined || state.isAsSent || !field.drops(result, value) ? result : undefined;
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return !value;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

function listDecoder(reference: TypeReference, element: Decoder, zero: unknown): Decoder {
  const goType = goTypeOf(reference);
  return (value, state) => {
    if (!Array.isArray(value)) throw state.mismatch(value, goType);
    return mapItems(value, (item, index) => {
      if (item === null) return zero;
      state.path.push(index);
      const result = element(item, state);
      state.path.pop();
      return result;
    });
  };
}

function mapDecoder(reference: TypeReference, element: MemberDecoder, zero: unknown): Decoder {
  const goType = goTypeOf(reference);
  return (value, state) => {
    if (!isJsonObject(value)) throw state.mismatch(value, goType);
    return mapMembers(value, (member, name) => (member === null ? zero : element(member, state, name)));
  };
}

type MemberDecoder = (value: unknown, state: DecodeState, key: string) => unknown;

/** Only of structs it may be asked under which key they stand. */
function memberDecoder(schema: Schema, reference: TypeReference, known: Map<TypeReference, Decoder>): MemberDecoder {
  const decode = compileDecoder(schema, reference, known);
  if (schema.shape(reference).form !== 'struct') return decode;
  return (value, state, key) => {
    state.path.push([key]);
    const decoded = decode(value, state);
    state.path.pop();
    return decoded;
  };
}

/** What Go makes of a null in a list or map. */
function zeroOf(schema: Schema, reference: TypeReference): unknown {
  const shape = schema.shape(reference);
  if (shape.form === 'list') return [];
  if (shape.form !== 'scalar') return {};
  const zeros: Partial<Record<ScalarType, unknown>> = { bool: false, int32: 0, int64: 0, double: 0, Quantity: '0', IntOrString: 0 };
  return Object.hasOwn(zeros, shape.scalar) ? zeros[shape.scalar] : '';
}

function scalarDecoder(scalar: ScalarType, schema: Schema, known: Map<TypeReference, Decoder>): Decoder {
  const schemaProps = (): Decoder => compileDecoder(schema, 'apiextensions/v1.JSONSchemaProps', known);
  const decoders: Record<ScalarType, () => Decoder> = {
    string: () => typed('string', 'string'),
    bool: () => typed('boolean', 'bool'),
    int32: () => integer('int32', -(2 ** 31), 2 ** 31 - 1),
    int64: () => integer('int64', -(2 ** 63), 2 ** 63 - 1024),
    double: () => (value, state) => {
      if (typeof value === 'bigint') return Number(value);
      return typed('number', 'float64')(value, state);
    },
    bytes: () => bytes,
    Time: () => time(false),
    MicroTime: () => time(true),
    Duration: () => typed('string', 'string'),
    Quantity: () => quantity,
    IntOrString: () => intOrString,
    RawExtension: () => anything,
    FieldsV1: () => anything,
    JSON: () => anything,
    JSONSchemaPropsOrBool: () => either((value) => typeof value === 'boolean', schemaProps()),
    JSONSchemaPropsOrArray: () => {
      const list = listDecoder('[]apiextensions/v1.JSONSchemaProps', schemaProps(), {});
      return (value, state) => (Array.isArray(value) ? list : schemaProps())(value, state);
    },
    JSONSchemaPropsOrStringArray: () => either((value) => Array.isArray(value) && value.every((item) => typeof item === 'string'), schemaProps()),
  };
  return decoders[scalar]();
}

const anything: Decoder = (value) => value;
const either = (isPlain: (value: unknown) => boolean, otherwise: Decoder): Decoder => (value, state) => (isPlain(value) ? value : otherwise(value, state));

const typed = (type: 'string' | 'boolean' | 'number', goType: string): Decoder => (value, state) => {
  if (typeof value !== type) throw state.mismatch(value, goType);
  return value;
};

const integer = (goType: string, min: number, max: number): Decoder => (value, state) => {
  // What a double cannot hold and an int64 can.
  if (typeof value === 'bigint' && goType === 'int64') return value;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw state.mismatch(value, goType);
  return value;
};

const intOrString: Decoder = (value, state) => {
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31)) throw state.unread(value, 'int32');
  return value;
};

const quantity: Decoder = (value, state) => {
  const canonical = typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(value) : typeof value === 'bigint' ? canonicalQuantity(value.toString()) : undefined;
  if (canonical === undefined) throw new state.Mismatch(quantityFault(value));
  return canonical;
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const bytes: Decoder = (value, state) => {
  if (typeof value !== 'string') throw state.mismatch(value, '[]uint8');
  if (value.length % 4 === 0 && BASE64.test(value)) return value;
  // Go skips line breaks.
  const text = value.replaceAll(/[\r\n]/g, '');
  if (BASE64.test(text)) return text;
  const wrong = text.search(/[^A-Za-z0-9+/]/);
  throw new state.Mismatch(`illegal base64 data at input byte ${wrong < 0 ? text.length - (text.length % 4) : wrong}`);
};

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const WHOLE_SECONDS_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICROSECONDS_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

const time = (isMicro: boolean): Decoder => (value, state) => {
  if (typeof value !== 'string') throw state.unread(value, 'string');
  const fraction = RFC3339.exec(value)?.[1] ?? '';
  const ms = RFC3339.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) throw new state.Mismatch(`parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`);
  if ((isMicro ? MICROSECONDS_UTC : WHOLE_SECONDS_UTC).test(value)) return value;
  const seconds = new Date(ms).toISOString().slice(0, 19);
  return isMicro ? `${seconds}.${fraction.slice(1, 7).padEnd(6, '0')}Z` : `${seconds}Z`;
};

/** `core/v1.PodSpec` is `v1.PodSpec` in Go, `map[]string` is `map[string]string`. */
function goTypeOf(reference: TypeReference): string {
  if (reference.startsWith('[]')) return `[]${goTypeOf(reference.slice(2))}`;
  if (reference.startsWith('map[]')) return `map[string]${goTypeOf(reference.slice(5))}`;
  return reference.slice(reference.indexOf('/') + 1);
}
