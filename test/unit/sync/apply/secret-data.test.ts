import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { withData } from '#sync/apply/secret-data.ts';

const secret = (fields: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, ...fields });
const cases = [
  { name: 'stringData', fields: { stringData: { a: 'ä' } }, expected: { data: { a: 'w6Q=' } } },
  { name: 'both, of which stringData wins', fields: { data: { a: 'YQ==', b: 'Yg==' }, stringData: { a: 'ä' } }, expected: { data: { a: 'w6Q=', b: 'Yg==' } } },
  { name: 'what the API will refuse', fields: { stringData: { a: 1 } }, expected: { stringData: { a: 1 } } },
  { name: 'data alone', fields: { data: { a: 'YQ==' } }, expected: { data: { a: 'YQ==' } } },
];
for (const { name, fields, expected } of cases) {
  test(`a Secret with ${name}`, (t) => {
    t.deepEqual(withData(secret(fields)), secret(expected));
  });
}

test('other kinds are left alone', (t) => {
  const object: KubeObject = { ...secret({ stringData: { a: 'b' } }), kind: 'ConfigMap' };
  t.is(withData(object), object);
});
