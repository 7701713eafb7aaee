import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import { isJsonObject, type JsonObject, mapItems, mapMembers } from '#api/json.ts';
import type { Schema, StructType } from '#api/schema.ts';

/** Returns the value itself when nothing is missing in it. */
type Completer = (value: unknown) => unknown;

type Completers = Map<TypeReference, Completer | undefined>;
/** What is filled in of a field that nobody set; undefined: nothing. */
type Missing = (schema: Schema, facts: FieldFacts, complete: Completer | undefined) => unknown;

const zeroCompleters = new WeakMap<Schema, Completers>();
const nullCompleters = new WeakMap<Schema, Completers>();
/** What Go writes of a field that nobody set. Times, lists and maps are null then: these stay away from objects, and only {@link nullsOf} has them. */
export const ZEROS: Partial<Record<ScalarType, unknown>> = { string: '', bool: false, int32: 0, int64: 0, double: 0, Quantity: '0', IntOrString: 0 };

/**
 * The object with the fields that Go always writes: `status: {}`, `status.loadBalancer: {}`, `restartCount: 0`. Clients that know their
 * types (Python's, Java's) refuse an object without them. `reference` is the type of the object; the object itself when nothing is missing.
 */
export function withZeroValues<T extends object>(schema: Schema, reference: TypeReference | undefined, object: T): T {
  const complete = reference === undefined ? undefined : completerOf(zeroCompleters, { schema, missing: zeroOf }, reference);
  return complete === undefined ? object : complete(object) as T;
}

/**
 * Fills in the nulls that Go writes of lists, maps and times that nobody set: `rules: null`, `lastProbeTime: null`. They stand in the text
 * that clients get and nowhere else, so that no code has to tell null from absent. Undefined for types that never have any.
 */
export function nullsOf(schema: Schema, reference: TypeReference | undefined): (<T extends object>(object: T) => T) | undefined {
  return reference === undefined ? undefined : completerOf(nullCompleters, { schema, missing: nullOf }, reference) as ReturnType<typeof nullsOf>;
}

interface Compilation {
  readonly schema: Schema;
  readonly missing: Missing;
}

function completerOf(compiled: WeakMap<Schema, Completers>, compilation: Compilation, reference: TypeReference): Completer | undefined {
  let known = compiled.get(compilation.schema);
  if (known === undefined) compiled.set(compilation.schema, (known = new Map()));
  return compile(compilation, reference, known);
}

function compile(compilation: Compilation, reference: TypeReference, known: Completers): Completer | undefined {
  const { schema } = compilation;
  if (known.has(reference)) return known.get(reference);
  const shape = schema.shape(reference);
  if (shape.form === 'scalar') return undefined;
  // Types refer to themselves: those meet a name that is bound already, and looked up when it is called.
  known.set(reference, (value) => known.get(reference)?.(value) ?? value);
  const element = shape.form === 'struct' ? undefined : compile(compilation, shape.element, known);
  const made = shape.form === 'struct' ? structCompleter(compilation, shape.struct, known)
    : element === undefined ? undefined
    : shape.form === 'list' ? (value: unknown) => (Array.isArray(value) ? mapItems(value, (item) => element(item)) : value)
    : (value: unknown) => (isJsonObject(value) ? mapMembers(value, (member) => element(member)) : value);
  known.set(reference, made);
  return made;
}

function structCompleter(compilation: Compilation, struct: StructType, known: Completers): Completer | undefined {
  const { schema, missing } = compilation;
  const inner = new Map<string, Completer>();
  const zeros: [name: string, zero: unknown][] = [];
  for (const [name, facts] of struct.fields) {
    const complete = compile(compilation, facts.type, known);
    if (complete !== undefined) inner.set(name, complete);
    const zero = missing(schema, facts, complete);
    if (zero !== undefined) zeros.push([name, zero]);
  }
  return inner.size === 0 && zeros.length === 0 ? undefined : (value) => (isJsonObject(value) ? completed(value, inner, zeros) : value);
}

/** Of its members an object has fewer than its type, as a rule: they are looked through, not the type. */
function completed(object: JsonObject, inner: ReadonlyMap<string, Completer>, zeros: readonly (readonly [name: string, zero: unknown])[]): JsonObject {
  let result: Record<string, unknown> | undefined;
  if (inner.size > 0) {
    for (const name in object) {
      const member = object[name];
      const whole = typeof member === 'object' ? inner.get(name)?.(member) ?? member : member;
      if (whole !== member) (result ??= { ...object })[name] = whole;
    }
  }
  for (const [name, zero] of zeros) if (object[name] === undefined) (result ??= { ...object })[name] = zero;
  return result ?? object;
}

/** A struct is itself completed, once for all objects: they are shared and never changed. */
function zeroOf(schema: Schema, facts: FieldFacts, complete: Completer | undefined): unknown {
  if (facts.zero !== true) return undefined;
  const shape = schema.shape(facts.type);
  if (shape.form === 'struct') return complete?.({}) ?? {};
  return shape.form === 'scalar' ? ZEROS[shape.scalar] : undefined;
}

const NULL_SCALARS: ReadonlySet<ScalarType> = new Set(['Time', 'MicroTime', 'bytes', 'RawExtension', 'JSON']);

function nullOf(schema: Schema, facts: FieldFacts): null | undefined {
  if (facts.zero !== true) return undefined;
  const shape = schema.shape(facts.type);
  return shape.form === 'list' || shape.form === 'map' || (shape.form === 'scalar' && NULL_SCALARS.has(shape.scalar)) ? null : undefined;
}
