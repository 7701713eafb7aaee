import type { StructDeclaration } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { DYN, object, STRING, type Type } from '../cel/types.ts';
import type { Value } from '../cel/values.ts';

const ROOT = 'Object';
const JSON_PATCH = 'JSONPatch';
const OPERATIONS = new Set(['add', 'copy', 'move', 'remove', 'replace', 'test']);

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
  return { type: name === ROOT ? OBJECT_TYPE : objectType(name), make: (fields) => makeObject(name, fields) };
}

function objectType(name: string): Type {
  return object(name, () => DYN);
}

function makeObject(name: string, fields: ReadonlyMap<string, Value>): Value {
  for (const [field, value] of fields) requirePath(`${name}.${field}`, value);
  return new StructValue(name, fields);
}

/** The name of a type says where it stands, in lists too. */
function requirePath(expected: string, value: Value): void {
  if (Array.isArray(value)) for (const item of value as Value[]) requirePath(expected, item);
  if (value instanceof StructValue && value.typeName !== expected) throw new EvaluationError(`unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`);
}

function makeOperation(fields: ReadonlyMap<string, Value>): Value {
  const op = fields.get('op');
  if (typeof op !== 'string' || !OPERATIONS.has(op)) throw new EvaluationError(`unsupported JSONPatch operation: ${String(op ?? '')}`);
  return new StructValue(JSON_PATCH, fields);
}
