import { any, chosenFlag, decimal, documentBytes, either, extensions, type Field, flag, integer, message, messageOf, messages, named, text, texts, wrapped, type Codec } from './gnostic-writer.ts';

/** Numbers of google/gnostic's `OpenAPIv2.proto`, as far as our documents use it. */
const schema: Codec = messageOf(() => SCHEMA);
const additional = either((value) => typeof value === 'boolean', wrapped(() => chosenFlag(2)), wrapped((key) => message(1, key, schema)));
const externalDocs = messageOf(() => [text(1, 'description'), text(2, 'url')]);
const schemas = messageOf(() => [named(1, '', schema)]);

const SCHEMA: readonly Field[] = [
  text(1, '$ref'), text(2, 'format'), text(3, 'title'), text(4, 'description'), message(5, 'default', any), decimal(6, 'multipleOf'), decimal(7, 'maximum'), flag(8, 'exclusiveMaximum'),
  decimal(9, 'minimum'), flag(10, 'exclusiveMinimum'), integer(11, 'maxLength'), integer(12, 'minLength'), text(13, 'pattern'), integer(14, 'maxItems'), integer(15, 'minItems'), flag(16, 'uniqueItems'),
  integer(17, 'maxProperties'), integer(18, 'minProperties'), texts(19, 'required'), messages(20, 'enum', any), message(21, 'additionalProperties', additional),
  message(22, 'type', wrapped((key) => text(1, key))), message(23, 'items', wrapped((key) => message(1, key, schema))), messages(24, 'allOf', schema), message(25, 'properties', schemas),
  text(26, 'discriminator'), flag(27, 'readOnly'), message(29, 'externalDocs', externalDocs), message(30, 'example', any), extensions(31),
];

const BODY = messageOf(() => [text(1, 'description'), text(2, 'name'), text(3, 'in'), flag(4, 'required'), message(5, 'schema', schema), extensions(6)]);
const QUERY = messageOf(() => [flag(1, 'required'), text(2, 'in'), text(3, 'description'), text(4, 'name'), text(6, 'type'), text(7, 'format'), flag(20, 'uniqueItems'), extensions(23)]);
const PATH = messageOf(() => [flag(1, 'required'), text(2, 'in'), text(3, 'description'), text(4, 'name'), text(5, 'type'), text(6, 'format'), flag(19, 'uniqueItems'), extensions(22)]);
const nonBody = either((value) => value['in'] === 'path', wrapped((key) => message(4, key, PATH)), wrapped((key) => message(3, key, QUERY)));
const parameter = either((value) => value['in'] === 'body', wrapped((key) => message(1, key, BODY)), wrapped((key) => message(2, key, nonBody)));
const reference = messageOf(() => [text(1, '$ref')]);
const parameterOrReference = either((value) => '$ref' in value, wrapped((key) => message(2, key, reference)), wrapped((key) => message(1, key, parameter)));

const response = wrapped((key) => message(1, key, messageOf(() => [text(1, 'description'), message(2, 'schema', wrapped((inner) => message(1, inner, schema))), extensions(5)])));
const operation = messageOf(() => [
  texts(1, 'tags'), text(3, 'description'), text(5, 'operationId'), texts(6, 'produces'), texts(7, 'consumes'), messages(8, 'parameters', parameterOrReference),
  message(9, 'responses', messageOf(() => [named(1, '', response)])), texts(10, 'schemes'), flag(11, 'deprecated'), extensions(13),
]);
const pathItem = messageOf(() => [
  message(2, 'get', operation), message(3, 'put', operation), message(4, 'post', operation), message(5, 'delete', operation), message(6, 'options', operation), message(7, 'head', operation),
  message(8, 'patch', operation), messages(9, 'parameters', parameterOrReference), extensions(10),
]);

const stringArray = wrapped((key) => texts(1, key));
const apiKey = messageOf(() => [text(1, 'type'), text(2, 'name'), text(3, 'in'), text(4, 'description'), extensions(5)]);
const securityItem = wrapped((key) => message(2, key, apiKey));

const DOCUMENT: readonly Field[] = [
  text(1, 'swagger'), message(2, 'info', messageOf(() => [text(1, 'title'), text(2, 'version'), text(3, 'description')])),
  message(8, 'paths', messageOf(() => [named(2, '', pathItem)])), message(9, 'definitions', schemas), message(10, 'parameters', messageOf(() => [named(1, '', parameter)])),
  messages(12, 'security', messageOf(() => [named(1, '', stringArray)])), message(13, 'securityDefinitions', messageOf(() => [named(1, '', securityItem)])), extensions(16),
];

/** An OpenAPI v2 document as protobuf. */
export const gnosticV2 = (document: object): Buffer => documentBytes(DOCUMENT, document);
