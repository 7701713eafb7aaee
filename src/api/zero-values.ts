import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import { isJsonObject, type JsonObject, mapItems, mapMembers } from '#api/json.ts';
import type { Schema, StructType } from '#api/schema.ts';

/** Returns the value itself when nothing is missing in it. */
type Completer = (value: unknown) => unknown;

const compiled = new WeakMap<Schema, Map<TypeReference, Completer | undefined>>();
/** What Go writes of a field that nobody set. Times, lists and maps are null then: these stay away, as all nulls do. */
export const ZEROS: Partial<Record<ScalarType, unknown>> = { string: '', bool: false, int32: 0, int64: 0, double: 0, Quantity: '0', IntOrString: 0 };

/**
 * The object with the fields that Go always writes: `status: {}`, `status.loadBalancer: {}`, `restartCount: 0`. Clients that know their
 * types (Python's, Java's) refuse an object without them. `reference` is the type of the object; the object itself when nothing is missing.
 */
export function withZeroValues<T extends object>(schema: Schema, reference: TypeReference | undefined, object: T): T {
  const complete = reference === undefined ? undefined : completerOf(schema, reference);
  return complete === undefined ? object : complete(object) as T;
}

function completerOf(schema: Schema, reference: TypeReference): Completer | undefined {
  let known = compiled.get(schema);
  if (known === undefined) compiled.set(schema, (known = new Map()));
  return compile(schema, reference, known);
}

function compile(schema: Schema, reference: TypeReference, known: Map<TypeReference, Completer | undefined>): Completer | undefined {
  if (known.has(reference)) return known.get(reference);
  const shape = schema.shape(reference);
  if (shape.form === 'scalar') return undefined;
  // Types refer to themselves: those meet a name that is bound already, and looked up when it is called.
  known.set(reference, (value) => known.get(reference)?.(value) ?? value);
  const element = shape.form === 'struct' ? undefined : compile(schema, shape.element, known);
  const made = shape.form === 'struct' ? structCompleter(schema, shape.struct, known)
    : element === undefined ? undefined
    : shape.form === 'list' ? (value: unknown) => (Array.isArray(value) ? mapItems(value, (item) => element(item)) : value)
    : (value: unknown) => (isJsonObject(value) ? mapMembers(value, (member) => element(member)) : value);
  known.set(reference, made);
  return made;
}

function structCompleter(schema: Schema, struct: StructType, known: Map<TypeReference, Completer | undefined>): Completer | undefined {
  const inner = new Map<string, Completer>();
  const zeros: [name: string, zero: unknown][] = [];
  for (const [name, facts] of struct.fields) {
    const complete = compile(schema, facts.type, known);
    if (complete !== undefined) inner.set(name, complete);
    const zero = zeroOf(schema, facts, complete);
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
