import { goQuote } from '#api/go-text.ts';
import type { StructDeclaration } from '../cel/declarations.ts';
import { DYN, object, STRING, type Type } from '../cel/types.ts';
import { isMap, type Value } from '../cel/values.ts';

const ROOT = 'Object';
const JSON_PATCH = 'JSONPatch';

/** A map that was written as `Object.spec{...}` and remembers it. */
class StructValue extends Map<string, Value> {
  readonly typeName: string;
  constructor(typeName: string, fields: ReadonlyMap<string, Value>) {
    super(fields);
    this.typeName = typeName;
  }
}

const PATCH_FIELDS: Readonly<Record<string, Type>> = { op: STRING, path: STRING, from: STRING, value: DYN };

export const OBJECT_TYPE = objectType(ROOT);
export const JSON_PATCH_TYPE = object(JSON_PATCH, (field) => (Object.hasOwn(PATCH_FIELDS, field) ? PATCH_FIELDS[field] : undefined));

/** The types that mutations may write: the object's own, named after their path in it, and operations of a JSON Patch. */
export function mutationStructs(name: string): StructDeclaration | undefined {
  if (name === JSON_PATCH) return { type: JSON_PATCH_TYPE, make: makeOperation };
  if (name !== ROOT && !name.startsWith(`${ROOT}.`)) return undefined;
  return { type: name === ROOT ? OBJECT_TYPE : objectType(name), make: (fields) => new StructValue(name, fields) };
}

function objectType(name: string): Type {
  return object(name, () => DYN);
}

/** What does not stand where the name of its type says, in lists and maps too; undefined when all does. */
export function typeMismatch(value: Value): string | undefined {
  const faults = value instanceof StructValue ? mismatches(value, value.typeName) : [];
  return faults.length === 0 ? undefined : `type mismatch: ${faults.join('\n')}`;
}

function mismatches(value: Value, expected: string): readonly string[] {
  if (Array.isArray(value)) return (value as Value[]).flatMap((item) => mismatches(item, expected));
  if (!isMap(value)) return [];
  if (!(value instanceof StructValue)) return [...value.values()].flatMap((item) => mismatches(item, expected));
  const wrong = value.typeName === expected ? [] : [`unexpected type name ${goQuote(value.typeName)}, expected ${goQuote(expected)}, which matches field name path from root Object type`];
  return [...wrong, ...[...value].flatMap(([field, item]) => mismatches(item, `${expected}.${field}`))];
}

/** Texts that nobody gave are empty; one from nowhere is left out. */
function makeOperation(fields: ReadonlyMap<string, Value>): Value {
  const all = new Map<string, Value>([['op', ''], ['path', ''], ...fields]);
  if (all.get('from') === '') all.delete('from');
  return new StructValue(JSON_PATCH, all);
}
