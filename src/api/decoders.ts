import type { Duplicate } from '#api/duplicates.ts';
import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import { holdsOff, isOff } from '#api/features-off.ts';
import { fieldPath, isJsonObject, mapItems, mapMembers } from '#api/json.ts';
import { goKind } from '#api/go-text.ts';
import { goTime } from '#api/go-time.ts';
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

/** A key of a map whose members are looked into. Go's messages leave it out where they name a field of a struct. */
interface MapKey {
  readonly key: string;
}

export interface DecodeStateOptions {
  readonly isAsSent?: boolean;
  readonly duplicates?: readonly Duplicate[];
  readonly fractions?: ReadonlyMap<string, string> | undefined;
}

/** Where a decoder is in the object, and what it met on its way. */
export class DecodeState {
  readonly Mismatch = Mismatch;
  readonly unknownFields: string[] = [];
  readonly path: (string | number | MapKey)[] = [];
  /** Members that the text has twice; inside of values without a type nobody asks. */
  duplicates: readonly Duplicate[];
  /** Numbers that the text has with a fraction or an exponent, which Go takes for no integers also when they are: by their path, as they were written. */
  readonly fractions: ReadonlyMap<string, string> | undefined;
  /** Nothing is dropped that `asKept` would drop: who applies null, zero, or a field of a feature that is off, owns it all the same. */
  readonly isAsSent: boolean;
  /** Go's name of the struct that is being read. */
  struct = '';

  constructor({ isAsSent = false, duplicates = [], fractions }: DecodeStateOptions = {}) {
    this.isAsSent = isAsSent;
    this.duplicates = duplicates;
    this.fractions = fractions;
  }

  /** Of the field with the name in what is being read, or of that itself. */
  pathOf(...names: string[]): string {
    return fieldPath([...this.path, ...names].map((step) => (typeof step === 'object' ? step.key : step)));
  }

  at<T>(step: string | number, decode: () => T): T {
    this.path.push(step);
    const result = decode();
    this.path.pop();
    return result;
  }

  /** Go's message for a JSON value that does not fit. */
  mismatch(value: unknown, goType: string, found = foundText(value, goType)): Error {
    const fields = this.path.filter((step) => typeof step === 'string').join('.');
    const where = this.struct === '' ? 'Go value' : `Go struct field ${this.struct}.${fields}`;
    return new Mismatch(`json: cannot unmarshal ${found} into ${where} of type ${goType}`);
  }

  /** The same, of a type that reads its JSON by itself. */
  unread(value: unknown, goType: string): Error {
    return this.mismatch(value, goType);
  }
}

/** What Go's message says was found in the place of a value of the type. */
export function foundText(value: unknown, goType: string): string {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value === null ? 'null' : goKind(value);
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
    : mapDecoder(reference, compileDecoder(schema, shape.element, known), zeroOf(schema, shape.element), schema.shape(shape.element).form !== 'scalar');
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
      state.unknownFields.push(state.pathOf(name));
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

/** @param isDeep the members have members */
function mapDecoder(reference: TypeReference, element: Decoder, zero: unknown, isDeep: boolean): Decoder {
  const goType = goTypeOf(reference);
  return (value, state) => {
    if (!isJsonObject(value)) throw state.mismatch(value, goType);
    return mapMembers(value, (member, key) => {
      if (member === null) return zero;
      if (!isDeep) return element(member, state);
      state.path.push({ key });
      const result = element(member, state);
      state.path.pop();
      return result;
    });
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
    int64: () => integer('int64', 1024 - 2 ** 63, 2 ** 63 - 1024),
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
    JSONSchemaPropsOrBool: () => {
      const schemaOf = silent(schemaProps());
      return (value, state) => {
        if (typeof value === 'boolean') return value;
        if (!isJsonObject(value)) throw new state.Mismatch('boolean or JSON schema expected');
        return schemaOf(value, state);
      };
    },
    JSONSchemaPropsOrArray: () => {
      const list = silent(listDecoder('[]apiextensions/v1.JSONSchemaProps', schemaProps(), {}));
      const schemaOf = silent(schemaProps());
      return (value, state) => (Array.isArray(value) ? list : schemaOf)(value, state);
    },
    JSONSchemaPropsOrStringArray: () => {
      const schemaOf = silent(schemaProps());
      return (value, state) => (Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : schemaOf(value, state));
    },
  };
  return decoders[scalar]();
}

const anything: Decoder = (value, state) => {
  forgetDuplicates(state);
  return value;
};

/** Of a type that reads its JSON by itself: nobody hears of what is unknown in it, or there twice. */
const silent = (decode: Decoder): Decoder => (value, state) => {
  const known = state.unknownFields.length;
  const result = decode(value, state);
  state.unknownFields.length = known;
  forgetDuplicates(state);
  return result;
};

/** In what is being read. */
function forgetDuplicates(state: DecodeState): void {
  if (state.duplicates.length === 0) return;
  const path = state.pathOf();
  state.duplicates = state.duplicates.filter((duplicate) => !duplicate.path.startsWith(`${path}.`) && !duplicate.path.startsWith(`${path}[`));
}

const typed = (type: 'string' | 'boolean' | 'number', goType: string): Decoder => (value, state) => {
  if (typeof value !== type) throw state.mismatch(value, goType);
  return value;
};

const integer = (goType: string, min: number, max: number): Decoder => (value, state) => {
  // What a double cannot hold and an int64 can.
  if (typeof value === 'bigint' && goType === 'int64') return value;
  const written = writtenFraction(value, state);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max || written !== undefined) throw state.mismatch(value, goType, written);
  return value;
};

/** What a message says of a number that is not written as an integer; undefined of all else. */
function writtenFraction(value: unknown, state: DecodeState): string | undefined {
  const written = typeof value === 'number' ? state.fractions?.get(state.pathOf()) : undefined;
  return written === undefined ? undefined : `number ${written}`;
}

const intOrString: Decoder = (value, state) => {
  const written = writtenFraction(value, state);
  if (written !== undefined) throw state.mismatch(value, 'int32', written);
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

const WHOLE_SECONDS_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICROSECONDS_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** Go's zero time, which stands for none. */
const NO_TIME = Date.parse('0001-01-01T00:00:00Z');

const time = (isMicro: boolean): Decoder => (value, state) => {
  if (typeof value !== 'string') throw state.unread(value, 'string');
  const known = (isMicro ? MICROSECONDS_UTC : WHOLE_SECONDS_UTC).test(value) ? Date.parse(value) : NaN;
  // The common case needs no text of its own; JavaScript takes a day that a month does not have, and an hour that no day has.
  if (known > NO_TIME && new Date(known).getUTCDate() === Number(value.slice(8, 10))) return value;
  const read = goTime(value, isMicro);
  if ('fault' in read) throw new state.Mismatch(read.fault);
  const seconds = new Date(read.ms).toISOString().slice(0, 19);
  if (read.ms === NO_TIME && !/[1-9]/.test(read.fraction)) return undefined;
  return isMicro ? `${seconds}.${read.fraction}Z` : `${seconds}Z`;
};

/** Of scalars that are not named after Go's types. */
const GO_TYPES: Readonly<Record<string, string>> = {
  bytes: '[]uint8', double: 'float64', Time: 'v1.Time', MicroTime: 'v1.MicroTime', Quantity: 'resource.Quantity', IntOrString: 'intstr.IntOrString', RawExtension: 'runtime.RawExtension',
  JSON: 'v1.JSON', JSONSchemaPropsOrStringArray: 'v1.JSONSchemaPropsOrStringArray', 'map[]Quantity': 'v1.ResourceList',
};

/** `core/v1.PodSpec` is `v1.PodSpec` in Go, `map[]string` is `map[string]string`. */
function goTypeOf(reference: TypeReference): string {
  const known = GO_TYPES[reference];
  if (known !== undefined) return known;
  if (reference.startsWith('[]')) return `[]${goTypeOf(reference.slice(2))}`;
  if (reference.startsWith('map[]')) return `map[string]${goTypeOf(reference.slice(5))}`;
  return reference.slice(reference.indexOf('/') + 1);
}
