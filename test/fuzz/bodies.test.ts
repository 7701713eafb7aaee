import test from 'ava';
import fc from 'fast-check';
import { decodeObject } from '#api/decode.ts';
import { parseBody } from '#api/parse.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { loadSchema } from '#api/schema.ts';
import { tableColumns, tableRow } from '#api/table/index.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import { KindTypes } from '#apiserver/protobuf/kind-types.ts';
import { MessageTypes } from '#apiserver/protobuf/message-types.ts';
import { ProtobufDecoder } from '#apiserver/protobuf/decode.ts';
import { yamlFault } from '#api/yaml-fault/yaml-fault.ts';
import { decoded, fuzz, json } from '#test/support/fuzz.ts';

const TYPES = ['application/json', 'application/yaml', 'text/yaml', '', 'application/vnd.api+json', 'text/csv'];
const schema = loadSchema();
const STORED = BUILT_IN_RESOURCES.filter((r) => r.verbs.includes('get'));
const pieces = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '\\', 'a', '1', '-', '.', 'e', '12345678901234567890', 'null', 'true', '\n', ' ', '&a', '*a', '<<: ', '- ', '!!binary ', '? ', '|', '>', '%YAML', '---', '...', '"\\u', '__proto__', '\t', '0o7', '.inf', '~');
const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }).map((a) => Buffer.from(a)), fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''))), json.map((value) => Buffer.from(JSON.stringify(value) ?? 'null')));

test('any bytes under any content type are read or refused', (t) => {
  t.timeout(600_000);
  return fuzz(fc.property(bytes, fc.constantFrom(...TYPES), (body, type) => void decoded(() => parseBody(body, type, yamlFault)))).then(() => t.pass());
});

test('JSON that is accepted is read back equal', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(json, (value) => {
    const text = JSON.stringify(value);
    const parsed = decoded(() => parseBody(Buffer.from(text), 'application/json'));
    if (parsed && JSON.stringify(parsed.value) !== text.toWellFormed()) throw new Error(`${text} became ${JSON.stringify(parsed.value)}`);
  }));
  t.pass();
});

test('integers of 64 bits are read back digit for digit, in JSON and in YAML', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
    for (const [type, text] of [['application/json', `{"key":${integer}}`], ['application/yaml', `key: ${integer}`]] as const) {
      const { value } = parseBody(Buffer.from(text), type);
      if (JSON.stringify(value) !== `{"key":${integer}}`) throw new Error(`${integer} became ${JSON.stringify(value)} by ${type}`);
    }
  }));
  t.pass();
});

test('any JSON as any kind is decoded, defaulted, validated and printed, or refused', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(fc.constantFrom(...STORED), json, json, json, (resource, spec, metadata, rest) => {
    const value = { ...(typeof rest === 'object' && !Array.isArray(rest) ? rest : {}), metadata, spec, apiVersion: undefined, kind: undefined };
    const result = decoded(() => decodeObject(schema, resource, value, { fieldValidation: 'Ignore' }));
    if (!result?.object.metadata) return;
    // Creation always gives a name, be it an empty one.
    const { metadata: given } = result.object;
    const object = applyDefaults(resource, { ...result.object, metadata: { ...given, name: given.name ?? '' } } as KubeObject);
    validateCreate(resource, object);
    validateUpdate(resource, object, object);
    const row = tableRow(resource, object, 0);
    if (row.length !== tableColumns(resource).length) throw new Error(`${resource.kind}: ${row.length} cells`);
  }));
  t.pass();
});

test('any bytes as protobuf are decoded or refused', async (t) => {
  t.timeout(600_000);
  const decoder = new ProtobufDecoder({ types: new MessageTypes(schema), kinds: new KindTypes(new Scheme(BUILT_IN_RESOURCES)) });
  const field = fc.tuple(fc.nat(20), fc.nat(7), fc.uint8Array({ maxLength: 20 })).map(([number, wire, content]) => Buffer.concat([Buffer.from([(number << 3) | wire, content.length]), Buffer.from(content)]));
  const inner = fc.oneof(fc.uint8Array({ maxLength: 100 }).map((a) => Buffer.from(a)), fc.array(field, { maxLength: 8 }).map((fields) => Buffer.concat(fields)));
  const part = (tag: number, content: Buffer): Buffer => Buffer.concat([Buffer.from([tag]), content.length < 128 ? Buffer.from([content.length]) : Buffer.from([(content.length & 0x7f) | 0x80, content.length >> 7]), content]);
  await fuzz(fc.property(fc.constantFrom(...STORED), inner, fc.boolean(), (resource, content, isWhole) => {
    const type = Buffer.concat([part(0x0a, Buffer.from(resource.group === '' ? resource.version : `${resource.group}/${resource.version}`)), part(0x12, Buffer.from(resource.kind))]);
    const body = isWhole ? Buffer.concat([Buffer.from('k8s\0'), part(0x0a, type), part(0x12, content)]) : Buffer.concat([Buffer.from('k8s\0'), content]);
    const value = decoded(() => decoder.decode(body));
    if (value !== undefined) decoded(() => decodeObject(schema, resource, value, { fieldValidation: 'Ignore' }));
  }));
  t.pass();
});
