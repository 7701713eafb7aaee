import type { ScalarType, TypeReference } from '#api/facts.ts';
import type { Schema, StructType } from '#api/schema.ts';
import { BOOL, BYTES, DOUBLE, DYN, INT, list, map, object, STRING, type Type } from '../cel/types.ts';

const SCALARS: Readonly<Partial<Record<ScalarType, Type>>> = { string: STRING, bool: BOOL, int32: INT, int64: INT, double: DOUBLE, bytes: BYTES };

/** Static types of built-in kinds, by which policies are checked before any object is seen. Types refer to themselves, so fields are looked up when they are met. */
export function factsType(schema: Schema, reference: TypeReference): Type {
  const shape = schema.shape(reference);
  switch (shape.form) {
    case 'scalar': return SCALARS[shape.scalar] ?? DYN;
    case 'list': return list(factsType(schema, shape.element));
    case 'map': return map(STRING, factsType(schema, shape.element));
    case 'struct': return structType(schema, shape.struct);
  }
}

function structType(schema: Schema, struct: StructType): Type {
  return object(struct.reference, (name) => {
    const facts = struct.fields.get(name);
    if (facts) return factsType(schema, facts.type);
    return struct.kind && (name === 'apiVersion' || name === 'kind') ? STRING : undefined;
  });
}
