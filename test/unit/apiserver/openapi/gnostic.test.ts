import test from 'ava';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { unpacked } from '#apiserver/http/packed.ts';
import { gnosticV2 } from '#apiserver/openapi/gnostic-v2.ts';
import { OpenApi } from '#apiserver/openapi/openapi.ts';
import { customType } from '#test/support/custom-type.ts';
import { OPENAPI_V2, OPENAPI_V3, readGnostic } from '#test/support/gnostic.ts';

const CUSTOM = customType({
  subresources: ['status', 'scale'],
  schema: {
    type: 'object', description: 'A table', externalDocs: { description: 'more', url: 'https://example.com/tables' }, example: { spec: { color: 'red' } },
    properties: { spec: { type: 'object', additionalProperties: true, required: ['color'], properties: { color: { type: 'string', default: '', nullable: true, enum: ['red', 'blue'], maxLength: 10 }, sizes: { type: 'array', default: [0], minItems: 1, items: { type: 'number', minimum: 0, maximum: 1.5 } }, port: { 'x-kubernetes-int-or-string': true } } } },
  },
});
const openApi = new OpenApi({ schema: loadSchema(), scheme: new Scheme([...BUILT_IN_RESOURCES, CUSTOM]) });
const read = async (path: string, accept: string): Promise<Buffer> => unpacked(await openApi.serve(path, accept, {}));
const both = async (path: string, version: 'v2' | 'v3'): Promise<readonly [json: unknown, protobuf: Buffer]> =>
  [JSON.parse((await read(path, 'application/json')).toString()), await read(path, `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`)];

/** The messages of v3 have no place for defaults that are lists or objects, and tell only that there is one. A property may be called `default` too. */
function withBareDefaults(value: unknown, areNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withBareDefaults(item));
  if (typeof value !== 'object' || value === null) return value;
  const isOdd = ([key, of]: readonly [string, unknown]): boolean => !areNames && key === 'default' && typeof of === 'object';
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, isOdd([key, of]) ? {} : withBareDefaults(of, key === 'properties' && !areNames)]));
}

test('the document of all kinds says the same in protobuf', async (t) => {
  const [json, protobuf] = await both('/openapi/v2', 'v2');
  t.deepEqual(readGnostic(OPENAPI_V2, protobuf), json);
});

test('the documents of groups say the same in protobuf, but for what defaults that are no plain values are', async (t) => {
  const { paths } = JSON.parse((await read('/openapi/v3', 'application/json')).toString()) as { readonly paths: object };
  for (const path of Object.keys(paths)) {
    const [json, protobuf] = await both(`/openapi/v3/${path}`, 'v3');
    t.deepEqual(readGnostic(OPENAPI_V3, protobuf), withBareDefaults(json), path);
  }
});

test('what is no document is refused, before it is joined with others', (t) => {
  t.throws(() => gnosticV2({ swagger: '2.0', paths: { '/apis/x/': { parameters: ['y'] } } }), { instanceOf: TypeError });
});
