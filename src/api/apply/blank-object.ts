import type { TypeReference } from '#api/facts.ts';
import type { JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';
import { ZEROS } from '#api/zero-values.ts';

const blanks = new WeakMap<Schema, Map<TypeReference, JsonObject>>();
const CUSTOM: JsonObject = { metadata: {} };

/**
 * What a new object is compared with to learn what its maker set: no more than its type, and what Go's empty object always has. These
 * parts are there before anyone sets them, and so nobody owns them as a whole.
 */
export function blankObject(schema: Schema, { facts }: { readonly facts?: TypeReference }, { apiVersion, kind }: KubeObject): KubeObject {
  return { ...(facts === undefined ? CUSTOM : blankOf(schema, facts)), apiVersion, kind } as unknown as KubeObject;
}

function blankOf(schema: Schema, reference: TypeReference): JsonObject {
  let known = blanks.get(schema);
  if (known === undefined) blanks.set(schema, (known = new Map()));
  let blank = known.get(reference);
  if (blank === undefined) known.set(reference, (blank = makeBlank(schema, reference)));
  return blank;
}

function makeBlank(schema: Schema, reference: TypeReference): JsonObject {
  const blank: Record<string, unknown> = {};
  for (const [name, { type, zero, proto }] of schema.type(reference)?.fields ?? []) {
    const shape = schema.shape(type);
    // Types of our own have no Go behind them, but their metadata and their spec are always there.
    const isHeld = zero === true || (proto === undefined && (name === 'metadata' || name === 'spec'));
    if (!isHeld) continue;
    // Lists, maps and times stand as null in Go's empty object.
    blank[name] = shape.form === 'struct' ? makeBlank(schema, type) : shape.form === 'scalar' ? ZEROS[shape.scalar] ?? null : null;
  }
  return blank;
}
