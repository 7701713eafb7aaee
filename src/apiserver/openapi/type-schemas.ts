import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import type { Schema, StructType } from '#api/schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where the two OpenAPI versions differ. */
export interface Dialect {
  readonly refPrefix: '#/components/schemas/' | '#/definitions/';
  readonly isV3: boolean;
}
export const V3: Dialect = { refPrefix: '#/components/schemas/', isV3: true };
export const V2: Dialect = { refPrefix: '#/definitions/', isV3: false };

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Scalars that have a named schema of their own in Kubernetes' documents. */
const NAMED_SCALARS: Partial<Record<ScalarType, string>> = {
  Time: `${META}.Time`, MicroTime: `${META}.MicroTime`, Duration: `${META}.Duration`, FieldsV1: `${META}.FieldsV1`,
  Quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  IntOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  RawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
};

const scalarSchema = (dialect: Dialect): Record<ScalarType, JsonSchema> => {
  const either = (format: string | undefined, ...types: string[]): JsonSchema =>
    dialect.isV3 ? { oneOf: types.map((type) => ({ type })), ...(format ? { format } : {}) } : { type: 'string', ...(format ? { format } : {}) };
  return {
    string: { type: 'string' }, bool: { type: 'boolean' },
    int32: { type: 'integer', format: 'int32' }, int64: { type: 'integer', format: 'int64' }, double: { type: 'number', format: 'double' },
    bytes: { type: 'string', format: 'byte' },
    Time: { type: 'string', format: 'date-time' }, MicroTime: { type: 'string', format: 'date-time' }, Duration: { type: 'string' },
    Quantity: either(undefined, 'string', 'number'), IntOrString: either('int-or-string', 'integer', 'string'),
    RawExtension: { type: 'object' }, FieldsV1: { type: 'object' }, JSON: {},
    JSONSchemaPropsOrBool: {}, JSONSchemaPropsOrArray: {}, JSONSchemaPropsOrStringArray: {},
  };
};

/** Writes the schemas of types and of all that they refer to. */
export class TypeSchemas {
  readonly definitions: Record<string, JsonSchema> = {};
  readonly #schema: Schema;
  readonly #dialect: Dialect;
  readonly #scalars: Record<ScalarType, JsonSchema>;
  /** Package id to the prefix of its schemas' names. */
  readonly #prefixes: ReadonlyMap<string, string>;

  constructor(schema: Schema, dialect: Dialect) {
    this.#schema = schema;
    this.#dialect = dialect;
    this.#scalars = scalarSchema(dialect);
    this.#prefixes = new Map(schema.packages().map((p) => [p.id, p.protoPackage.replaceAll('_', '-').replace(/^k8s\.io\./, 'io.k8s.')]));
  }

  /** A `$ref` to the type, whose definition is added when it is not there yet. `kind` adds the group-version-kind. */
  reference(reference: TypeReference, kind?: { readonly group: string; readonly version: string; readonly kind: string }): JsonSchema {
    const struct = this.#schema.type(reference);
    if (!struct) throw new TypeError(`the fact tables have no type ${reference}`);
    const name = this.#nameOf(reference);
    if (!(name in this.definitions)) {
      // Entered before its fields are written: types may contain themselves.
      this.definitions[name] = {};
      this.definitions[name] = this.#structSchema(struct);
    }
    if (kind) this.definitions[name] = { ...this.definitions[name], 'x-kubernetes-group-version-kind': [kind] };
    return { $ref: this.#dialect.refPrefix + name };
  }

  /** `core/v1.Pod` is `io.k8s.api.core.v1.Pod`. */
  #nameOf(reference: TypeReference): string {
    const [id = '', name = ''] = reference.split('.');
    return `${this.#prefixes.get(id)}.${name}`;
  }

  #structSchema(struct: StructType): JsonSchema {
    const properties: Record<string, JsonSchema> = struct.kind ? { apiVersion: { type: 'string' }, kind: { type: 'string' } } : {};
    const required: string[] = [];
    for (const [name, field] of struct.fields) {
      properties[name] = this.#fieldSchema(field);
      if (field.required) required.push(name);
    }
    return {
      type: 'object', properties,
      ...(required.length > 0 ? { required } : {}),
      ...(struct.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }

  #fieldSchema(field: FieldFacts): JsonSchema {
    const isMap = field.type.startsWith('map[]') || !field.type.startsWith('[]');
    const extras: JsonSchema = {
      ...(field.enum && !field.type.startsWith('[]') ? { enum: field.enum } : {}),
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(field.list ? { 'x-kubernetes-list-type': field.list } : {}),
      ...(field.keys ? { 'x-kubernetes-list-map-keys': field.keys } : {}),
      ...(field.atomic && isMap ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(field.mergeKey ? { 'x-kubernetes-patch-merge-key': field.mergeKey } : {}),
      ...(field.strategy ? { 'x-kubernetes-patch-strategy': field.strategy } : {}),
    };
    const schema = this.#typeSchema(field.type);
    // A `$ref` has no siblings in OpenAPI 3.0.
    if ('$ref' in schema && Object.keys(extras).length > 0 && this.#dialect.isV3) return { allOf: [schema], ...extras };
    return { ...schema, ...extras };
  }

  #typeSchema(reference: TypeReference): JsonSchema {
    const shape = this.#schema.shape(reference);
    switch (shape.form) {
      case 'struct':
        return this.reference(reference);
      case 'list':
        return { type: 'array', items: this.#typeSchema(shape.element) };
      case 'map':
        return { type: 'object', additionalProperties: this.#typeSchema(shape.element) };
      case 'scalar': {
        const name = NAMED_SCALARS[shape.scalar];
        if (name === undefined) return this.#scalars[shape.scalar];
        this.definitions[name] ??= this.#scalars[shape.scalar];
        return { $ref: this.#dialect.refPrefix + name };
      }
      default:
        throw new TypeError(`unknown shape ${JSON.stringify(shape satisfies never)}`);
    }
  }
}
