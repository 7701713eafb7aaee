/** Reads OpenAPI documents in protobuf by the numbers of google/gnostic's OpenAPIv2.proto and OpenAPIv3.proto, independently of what writes them. */

/**
 * What a field holds: `text`, `flag`, `integer`, `decimal`, `any` (YAML text) or a message. `T[]` is repeated, and `T{}` a map of named values.
 * A field whose name is empty stands for the message itself.
 */
type Field = readonly [name: string, form: string];
type Fields = Readonly<Record<number, Field>>;
type Messages = Readonly<Record<string, Fields>>;

const inARow = (first: number, fields: readonly Field[]): Fields => Object.fromEntries(fields.map((field, i) => [first + i, field]));
const limitsFrom = (first: number): Fields => inARow(first, [
  ['multipleOf', 'decimal'], ['maximum', 'decimal'], ['exclusiveMaximum', 'flag'], ['minimum', 'decimal'], ['exclusiveMinimum', 'flag'], ['maxLength', 'integer'], ['minLength', 'integer'], ['pattern', 'text'],
  ['maxItems', 'integer'], ['minItems', 'integer'], ['uniqueItems', 'flag'], ['maxProperties', 'integer'], ['minProperties', 'integer'], ['required', 'text[]'], ['enum', 'any[]'],
]);
const methodsFrom = (first: number): Fields => inARow(first, ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'].map((method) => [method, 'Operation']));

export const OPENAPI_V2: Messages = {
  Document: {
    1: ['swagger', 'text'], 2: ['info', 'Info'], 8: ['paths', 'Paths'], 9: ['definitions', 'Schemas'], 10: ['parameters', 'ParameterDefinitions'], 12: ['security', 'SecurityRequirement[]'], 13: ['securityDefinitions', 'SecurityDefinitions'],
  },
  Info: { 1: ['title', 'text'], 2: ['version', 'text'] },
  Paths: { 2: ['', 'PathItem{}'] },
  PathItem: { ...methodsFrom(2), 9: ['parameters', 'ParametersItem[]'] },
  Operation: {
    1: ['tags', 'text[]'], 3: ['description', 'text'], 5: ['operationId', 'text'], 6: ['produces', 'text[]'], 7: ['consumes', 'text[]'], 8: ['parameters', 'ParametersItem[]'], 9: ['responses', 'Responses'], 10: ['schemes', 'text[]'], 13: ['', 'any{}'],
  },
  ParameterDefinitions: { 1: ['', 'Parameter{}'] },
  ParametersItem: { 1: ['', 'Parameter'], 2: ['', 'JsonReference'] },
  JsonReference: { 1: ['$ref', 'text'] },
  Parameter: { 1: ['', 'BodyParameter'], 2: ['', 'NonBodyParameter'] },
  BodyParameter: { 1: ['description', 'text'], 2: ['name', 'text'], 3: ['in', 'text'], 4: ['required', 'flag'], 5: ['schema', 'Schema'] },
  NonBodyParameter: { 3: ['', 'QueryParameter'], 4: ['', 'PathParameter'] },
  QueryParameter: { 1: ['required', 'flag'], 2: ['in', 'text'], 3: ['description', 'text'], 4: ['name', 'text'], 6: ['type', 'text'], 20: ['uniqueItems', 'flag'] },
  PathParameter: { 1: ['required', 'flag'], 2: ['in', 'text'], 3: ['description', 'text'], 4: ['name', 'text'], 5: ['type', 'text'], 19: ['uniqueItems', 'flag'] },
  Responses: { 1: ['', 'ResponseValue{}'] },
  ResponseValue: { 1: ['', 'Response'] },
  Response: { 1: ['description', 'text'], 2: ['schema', 'SchemaItem'] },
  SchemaItem: { 1: ['', 'Schema'] },
  Schemas: { 1: ['', 'Schema{}'] },
  Schema: {
    1: ['$ref', 'text'], 2: ['format', 'text'], 3: ['title', 'text'], 4: ['description', 'text'], 5: ['default', 'any'], ...limitsFrom(6), 21: ['additionalProperties', 'AdditionalProperties'], 22: ['type', 'TypeItem'],
    23: ['items', 'ItemsItem'], 24: ['allOf', 'Schema[]'], 25: ['properties', 'Schemas'], 29: ['externalDocs', 'ExternalDocs'], 30: ['example', 'any'], 31: ['', 'any{}'],
  },
  AdditionalProperties: { 1: ['', 'Schema'], 2: ['', 'flag'] },
  TypeItem: { 1: ['', 'text'] },
  ExternalDocs: { 1: ['description', 'text'], 2: ['url', 'text'] },
  ItemsItem: { 1: ['', 'Schema'] },
  SecurityDefinitions: { 1: ['', 'SecurityDefinitionsItem{}'] },
  SecurityDefinitionsItem: { 2: ['', 'ApiKeySecurity'] },
  ApiKeySecurity: { 1: ['type', 'text'], 2: ['name', 'text'], 3: ['in', 'text'], 4: ['description', 'text'] },
  SecurityRequirement: { 1: ['', 'StringArray{}'] },
  StringArray: { 1: ['', 'text[]'] },
};

export const OPENAPI_V3: Messages = {
  Document: { 1: ['openapi', 'text'], 2: ['info', 'Info'], 4: ['paths', 'Paths'], 5: ['components', 'Components'] },
  Info: { 1: ['title', 'text'], 6: ['version', 'text'] },
  Paths: { 1: ['', 'PathItem{}'] },
  PathItem: { ...methodsFrom(4), 13: ['parameters', 'ParameterOrReference[]'] },
  Operation: {
    1: ['tags', 'text[]'], 3: ['description', 'text'], 5: ['operationId', 'text'], 6: ['parameters', 'ParameterOrReference[]'], 7: ['requestBody', 'RequestBodyOrReference'], 8: ['responses', 'Responses'], 13: ['', 'any{}'],
  },
  ParameterOrReference: { 1: ['', 'Parameter'] },
  Parameter: { 1: ['name', 'text'], 2: ['in', 'text'], 3: ['description', 'text'], 4: ['required', 'flag'], 10: ['schema', 'SchemaOrReference'] },
  RequestBodyOrReference: { 1: ['', 'RequestBody'] },
  RequestBody: { 1: ['description', 'text'], 2: ['content', 'MediaTypes'], 3: ['required', 'flag'] },
  MediaTypes: { 1: ['', 'MediaType{}'] },
  MediaType: { 1: ['schema', 'SchemaOrReference'] },
  Responses: { 2: ['', 'ResponseOrReference{}'] },
  ResponseOrReference: { 1: ['', 'Response'] },
  Response: { 1: ['description', 'text'], 3: ['content', 'MediaTypes'] },
  Components: { 1: ['schemas', 'Schemas'], 7: ['securitySchemes', 'SecuritySchemes'] },
  SecuritySchemes: { 1: ['', 'SecuritySchemeOrReference{}'] },
  SecuritySchemeOrReference: { 1: ['', 'SecurityScheme'] },
  SecurityScheme: { 1: ['type', 'text'], 2: ['description', 'text'], 3: ['name', 'text'], 4: ['in', 'text'] },
  Schemas: { 1: ['', 'SchemaOrReference{}'] },
  SchemaOrReference: { 1: ['', 'Schema'], 2: ['', 'Reference'] },
  Reference: { 1: ['$ref', 'text'] },
  Schema: {
    1: ['nullable', 'flag'], 6: ['externalDocs', 'ExternalDocs'], 7: ['example', 'any'], 9: ['title', 'text'], ...limitsFrom(10), 25: ['type', 'text'], 26: ['allOf', 'SchemaOrReference[]'], 27: ['oneOf', 'SchemaOrReference[]'], 28: ['anyOf', 'SchemaOrReference[]'],
    29: ['not', 'Schema'], 30: ['items', 'ItemsItem'], 31: ['properties', 'Schemas'], 32: ['additionalProperties', 'AdditionalProperties'], 33: ['default', 'DefaultType'], 34: ['description', 'text'], 35: ['format', 'text'], 36: ['', 'any{}'],
  },
  ExternalDocs: { 1: ['description', 'text'], 2: ['url', 'text'] },
  ItemsItem: { 1: ['', 'SchemaOrReference'] },
  AdditionalProperties: { 1: ['', 'SchemaOrReference'], 2: ['', 'flag'] },
  DefaultType: { 1: ['', 'decimal'], 2: ['', 'flag'], 3: ['', 'text'] },
};

/** The document as JSON has it. @throws Error for a field that the tables do not have */
export const readGnostic = (messages: Messages, bytes: Buffer): unknown => readMessage(messages, 'Document', bytes);

function readMessage(messages: Messages, type: string, bytes: Buffer): unknown {
  const object: Record<string, unknown> = {};
  let whole: unknown = isList(messages[type]) ? [] : undefined;
  for (const { number, value } of fieldsOf(bytes)) {
    const [name, form] = messages[type]?.[number] ?? [];
    if (name === undefined || form === undefined) throw new Error(`${type} has no field ${number}`);
    if (form.endsWith('{}')) Object.assign(name === '' ? object : ((object[name] ??= {}) as object), named(messages, form.slice(0, -2), value as Buffer));
    else if (form.endsWith('[]')) {
      const list = (name === '' ? whole : (object[name] ??= [])) as unknown[];
      list.push(readValue(messages, form.slice(0, -2), value));
    } else if (name === '') whole = readValue(messages, form, value);
    else object[name] = readValue(messages, form, value);
  }
  return whole ?? object;
}

const isList = (fields: Fields | undefined): boolean => fields?.[1]?.[0] === '' && fields[1][1].endsWith('[]');

function named(messages: Messages, form: string, bytes: Buffer): Readonly<Record<string, unknown>> {
  const [name, value] = [1, 2].map((number) => fieldsOf(bytes).find((field) => field.number === number)?.value);
  return { [String(name)]: readValue(messages, form, value ?? Buffer.alloc(0)) };
}

function readValue(messages: Messages, form: string, value: Buffer | number): unknown {
  switch (form) {
    case 'text': return value.toString();
    case 'flag': return value === 1;
    case 'integer': return value;
    case 'decimal': return (value as Buffer).readDoubleLE();
    case 'any': return JSON.parse(String(fieldsOf(value as Buffer).find(({ number }) => number === 2)?.value));
    default: return readMessage(messages, form, value as Buffer);
  }
}

/** Numbers of wire type 0, bytes of wire types 1 and 2. */
function fieldsOf(bytes: Buffer): readonly { readonly number: number; readonly value: Buffer | number }[] {
  const found: { number: number; value: Buffer | number }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag % 8;
    const length = wire === 0 ? 0 : wire === 1 ? 8 : varint();
    found.push({ number: Math.floor(tag / 8), value: wire === 0 ? varint() : bytes.subarray(at, (at += length)) });
  }
  return found;
}
