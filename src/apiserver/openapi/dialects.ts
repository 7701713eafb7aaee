import { compareText } from '../discovery/group-order.ts';
import type { Model, Parameter, Route } from './routes/route.ts';
import { plainSchema } from './scalar-schemas.ts';
import type { SchemaNames } from './schema-names.ts';
import type { JsonSchema } from './schemas.ts';
import type { SharedParameters } from './shared-parameters.ts';

/** What depends on the version of OpenAPI. */
export interface Dialect {
  /** What all operations of a path take. */
  parameters(of: readonly Parameter[]): JsonSchema;
  /** Members of an operation that name media types. */
  media(route: Route): JsonSchema;
  /** Members of an operation that say what it takes; the parameters are those that only it has. */
  input(route: Route, parameters: readonly Parameter[]): JsonSchema;
  /** Members of a response. */
  answer(model: Model, route: Route): JsonSchema;
}

export const V2_PREFIX = '#/definitions/';
export const V3_PREFIX = '#/components/schemas/';
type Names = Pick<SchemaNames, 'of'>;

/** Parameters refer to the ones that the document shares. */
export function dialectV2(names: Names, shared: Pick<SharedParameters, 'refer'>): Dialect {
  const schema = schemaOf(V2_PREFIX, names);
  const parameter = once(({ name, in: place, type, description }: Parameter) => shared.refer({ uniqueItems: true, type, description, name, in: place, ...requiredIn(place) }));
  const body = ({ model, isRequired }: NonNullable<Route['body']>): JsonSchema => shared.refer({ ...BODY, ...(isRequired ? { required: true } : {}), schema: schema(model) });
  return {
    parameters: (of) => listed(of, parameter),
    media: ({ consumes, produces }) => ({ ...(consumes.length > 0 ? { consumes } : {}), produces, schemes: ['https'] }),
    input: ({ body: sent }, parameters) => listed([...parameters, ...(sent ? [{ ...BODY, ...sent }] : [])], (of) => ('model' in of ? body(of) : parameter(of))),
    answer: (model) => ({ schema: schema(model) }),
  };
}

export function dialectV3(names: Names): Dialect {
  const schema = schemaOf(V3_PREFIX, names);
  const content = (model: Model, types: readonly string[]): JsonSchema => ({ content: Object.fromEntries(types.map((type) => [type, { schema: schema(model) }])) });
  const parameter = once(({ name, in: place, type, description }: Parameter) => ({ name, in: place, description, ...requiredIn(place), schema: { type, uniqueItems: true } }));
  return {
    parameters: (of) => listed(of, parameter),
    media: () => ({}),
    input: ({ body, consumes }, parameters) => ({
      ...listed(parameters, parameter), ...(body ? { requestBody: { ...content(body.model, consumes), ...(body.isRequired ? { required: true } : {}) } } : {}),
    }),
    answer: (model, { produces }) => content(model, produces),
  };
}

/** Hundreds of operations take the same parameters. */
function once(write: (of: Parameter) => JsonSchema): (of: Parameter) => JsonSchema {
  const written = new WeakMap<Parameter, JsonSchema>();
  return (of) => {
    const known = written.get(of) ?? write(of);
    written.set(of, known);
    return known;
  };
}

const BODY = { name: 'body', in: 'body' } as const;
const requiredIn = (place: Parameter['in']): JsonSchema => (place === 'path' ? { required: true } : {});

/** By name, and by place where two have one name. */
const listed = <T extends { readonly name: string; readonly in: string }>(parameters: readonly T[], write: (of: T) => JsonSchema): JsonSchema =>
  (parameters.length > 0 ? { parameters: parameters.toSorted((a, b) => compareText(`${a.name} ${a.in}`, `${b.name} ${b.in}`)).map(write) } : {});

const schemaOf = (prefix: string, names: Names) => (model: Model): JsonSchema => plainSchema(model) ?? { $ref: `${prefix}${names.of(model)}` };
