import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { waitFor } from '#test/support/wait.ts';

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'shirts.stable.example.com' },
  spec: {
    group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'shirts', singular: 'shirt', kind: 'Shirt', listKind: 'ShirtList' },
    versions: [{
      name: 'v1', served: true, storage: true,
      schema: { openAPIV3Schema: {
        type: 'object', 'x-kubernetes-validations': [{ rule: 'self.metadata.name.startsWith("s-")', message: 'names begin with s-' }],
        properties: { spec: {
          type: 'object', 'x-kubernetes-validations': [{ rule: 'self.min <= self.max', messageExpression: '"min " + string(self.min) + " is above max"' }, { rule: 'self.color == oldSelf.color', message: 'the color stays' }],
          properties: { min: { type: 'integer' }, max: { type: 'integer' }, color: { type: 'string' } },
        } },
      } },
    }],
  },
};

test('the rules of a definition decide about its objects', async (t) => {
  const server = await startInProcessApi(t);
  const send = async (method: 'POST' | 'PUT', path: string, content: object) => {
    const { status, body } = await server.handle({ method, path, body: Buffer.from(JSON.stringify(content)), contentType: 'application/json', query: {} }, ADMIN);
    return { code: status, body: body as Status & { readonly metadata: object } };
  };
  const made = await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', DEFINITION);
  t.is(made.code, 201, made.body.message);
  const shirt = (name: string, spec: object) => ({ apiVersion: 'stable.example.com/v1', kind: 'Shirt', metadata: { name }, spec });
  const SHIRTS = '/apis/stable.example.com/v1/namespaces/default/shirts';
  await waitFor(async () => (await send('POST', SHIRTS, shirt('s-a', { min: 1, max: 2, color: 'red' }))).code === 201, { timeoutMs: 5000, what: 'the definition is served' });
  t.regex((await send('POST', SHIRTS, shirt('b', { min: 1, max: 2, color: 'red' }))).body.message ?? '', /names begin with s-/);
  t.regex((await send('POST', SHIRTS, shirt('s-b', { min: 3, max: 2, color: 'red' }))).body.message ?? '', /min 3 is above max/);
  const { body: live } = await server.handle({ method: 'GET', path: `${SHIRTS}/s-a`, query: {} }, ADMIN);
  t.regex((await send('PUT', `${SHIRTS}/s-a`, { ...(live as object), spec: { min: 1, max: 2, color: 'blue' } })).body.message ?? '', /the color stays/);
});
