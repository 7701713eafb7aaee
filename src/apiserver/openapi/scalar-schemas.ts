import type { ScalarType } from '#api/facts.ts';
import type { JsonSchema } from './schemas.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Scalars that stand in place. */
const PLAIN: Readonly<Partial<Record<ScalarType, JsonSchema>>> = {
  string: { type: 'string' }, bool: { type: 'boolean' }, int32: { type: 'integer', format: 'int32' }, int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' }, bytes: { type: 'string', format: 'byte' },
};

/** Types with a JSON form of their own have a definition of their own, by which clients name them. */
export interface ScalarDefinition {
  readonly name: string;
  readonly v2: JsonSchema;
  readonly v3: JsonSchema;
}

const same = (name: string, schema: JsonSchema): ScalarDefinition => ({ name, v2: schema, v3: schema });
const TIME = { type: 'string', format: 'date-time' };
const DEFINITIONS: Readonly<Partial<Record<string, ScalarDefinition>>> = {
  Time: same(`${META}.Time`, TIME), MicroTime: same(`${META}.MicroTime`, TIME), Duration: same(`${META}.Duration`, { type: 'string' }), FieldsV1: same(`${META}.FieldsV1`, { type: 'object' }),
  Quantity: { name: 'io.k8s.apimachinery.pkg.api.resource.Quantity', v2: { type: 'string' }, v3: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
  IntOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString', v2: { type: 'string', format: 'int-or-string' }, v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  RawExtension: same('io.k8s.apimachinery.pkg.runtime.RawExtension', { type: 'object' }),
  JSON: same(`${EXTENSIONS}.JSON`, {}), JSONSchemaPropsOrBool: same(`${EXTENSIONS}.JSONSchemaPropsOrBool`, {}),
  JSONSchemaPropsOrArray: same(`${EXTENSIONS}.JSONSchemaPropsOrArray`, {}), JSONSchemaPropsOrStringArray: same(`${EXTENSIONS}.JSONSchemaPropsOrStringArray`, {}),
};

export const plainSchema = (type: string): JsonSchema | undefined => PLAIN[type as ScalarType];
export const scalarDefinition = (type: string): ScalarDefinition | undefined => DEFINITIONS[type];
