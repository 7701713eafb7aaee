import { any, chosenFlag, chosenText, decimal, documentBytes, either, extensions, type Field, flag, integer, message, messageOf, messages, named, text, texts, wrapped, type Codec } from './gnostic-writer.ts';

/** Numbers of google/gnostic's `OpenAPIv3.proto`, as far as our documents use it. */
const reference = messageOf(() => [text(1, '$ref')]);
const schema: Codec = messageOf(() => SCHEMA);
const schemaOrReference = either((value) => '$ref' in value, wrapped((key) => message(2, key, reference)), wrapped((key) => message(1, key, schema)));
const additional = either((value) => typeof value === 'boolean', wrapped(() => chosenFlag(2)), wrapped((key) => message(1, key, schemaOrReference)));
const externalDocs = messageOf(() => [text(1, 'description'), text(2, 'url')]);
const schemas = messageOf(() => [named(1, '', schemaOrReference)]);
const plainDefault = either((value) => typeof value === 'number', wrapped((key) => decimal(1, key)), either((value) => typeof value === 'boolean', wrapped(() => chosenFlag(2)), wrapped(() => chosenText(3))));
/** The message has no form for lists and objects: of these it tells that there is a default. */
const defaultValue = either((value) => typeof value === 'object', messageOf(() => []), plainDefault);

const SCHEMA: readonly Field[] = [
  flag(1, 'nullable'), flag(3, 'readOnly'), flag(4, 'writeOnly'), message(6, 'externalDocs', externalDocs), message(7, 'example', any), text(9, 'title'), decimal(10, 'multipleOf'), decimal(11, 'maximum'), flag(12, 'exclusiveMaximum'),
  decimal(13, 'minimum'), flag(14, 'exclusiveMinimum'), integer(15, 'maxLength'), integer(16, 'minLength'), text(17, 'pattern'), integer(18, 'maxItems'), integer(19, 'minItems'), flag(20, 'uniqueItems'),
  integer(21, 'maxProperties'), integer(22, 'minProperties'), texts(23, 'required'), messages(24, 'enum', any), text(25, 'type'), messages(26, 'allOf', schemaOrReference),
  messages(27, 'oneOf', schemaOrReference), messages(28, 'anyOf', schemaOrReference), message(29, 'not', schema), message(30, 'items', wrapped((key) => message(1, key, schemaOrReference))),
  message(31, 'properties', schemas), message(32, 'additionalProperties', additional), message(33, 'default', defaultValue), text(34, 'description'), text(35, 'format'), extensions(36),
];

const content = messageOf(() => [named(1, '', messageOf(() => [message(1, 'schema', schemaOrReference)]))]);
const parameter = wrapped((key) => message(1, key, messageOf(() => [
  text(1, 'name'), text(2, 'in'), text(3, 'description'), flag(4, 'required'), message(10, 'schema', schemaOrReference), extensions(14),
])));
const requestBody = wrapped((key) => message(1, key, messageOf(() => [text(1, 'description'), message(2, 'content', content), flag(3, 'required'), extensions(4)])));
const response = wrapped((key) => message(1, key, messageOf(() => [text(1, 'description'), message(3, 'content', content), extensions(5)])));
const operation = messageOf(() => [
  texts(1, 'tags'), text(3, 'description'), text(5, 'operationId'), messages(6, 'parameters', parameter), message(7, 'requestBody', requestBody),
  message(8, 'responses', messageOf(() => [named(2, '', response)])), flag(10, 'deprecated'), extensions(13),
]);
const pathItem = messageOf(() => [
  text(3, 'description'), message(4, 'get', operation), message(5, 'put', operation), message(6, 'post', operation), message(7, 'delete', operation), message(8, 'options', operation),
  message(9, 'head', operation), message(10, 'patch', operation), messages(13, 'parameters', parameter), extensions(14),
]);

const securityScheme = wrapped((key) => message(1, key, messageOf(() => [text(1, 'type'), text(2, 'description'), text(3, 'name'), text(4, 'in')])));

const DOCUMENT: readonly Field[] = [
  text(1, 'openapi'), message(2, 'info', messageOf(() => [text(1, 'title'), text(2, 'description'), text(6, 'version')])),
  message(4, 'paths', messageOf(() => [named(1, '', pathItem)])), message(5, 'components', messageOf(() => [message(1, 'schemas', schemas), message(7, 'securitySchemes', messageOf(() => [named(1, '', securityScheme)]))])), extensions(9),
];

/** An OpenAPI v3 document as protobuf. */
export const gnosticV3 = (document: object): Buffer => documentBytes(DOCUMENT, document);
