import test from 'ava';
import { dialectV2, dialectV3 } from '#apiserver/openapi/dialects.ts';
import { pathItems } from '#apiserver/openapi/path-items.ts';
import type { Method, Parameter, Route } from '#apiserver/openapi/routes/route.ts';

const query = (name: string): Parameter => ({ name, in: 'query', type: 'string', description: `the ${name}` });
const ID: Parameter = { name: 'id', in: 'path', type: 'string', description: 'the id' };
const route = (method: Method, more: Partial<Route> = {}): Route => ({
  path: '/things/{id}', method, id: `${method}Thing`, tag: 'things', description: `${method} it`, consumes: ['a/b'], produces: ['c/d', 'e/f'], parameters: [query('pretty'), ID], answers: { 200: 'string' }, ...more,
});
const names = { of: (reference: string): string => reference.replace('/', '.') };
const v2 = dialectV2(names, { refer: (parameter) => parameter });
const v3 = dialectV3(names);
const V2_ID = { uniqueItems: true, type: 'string', description: 'the id', name: 'id', in: 'path', required: true };
const V2_PRETTY = { uniqueItems: true, type: 'string', description: 'the pretty', name: 'pretty', in: 'query' };

test('what all operations of a path take stands at the path, in order', (t) => {
  const items = pathItems([route('get'), route('put', { parameters: [query('pretty'), query('force'), ID] })], v2);
  const { get, put, parameters } = items['/things/{id}'] as { readonly get: object; readonly put: { readonly parameters: readonly object[] }; readonly parameters: readonly object[] };
  t.deepEqual<unknown, unknown>(parameters, [V2_ID, V2_PRETTY]);
  t.false('parameters' in get);
  t.like(put.parameters, [{ name: 'force' }]);
});

test('a parameter of the path is no parameter of the query that has its name', (t) => {
  const { get, parameters } = pathItems([route('get', { parameters: [query('id'), ID] }), route('put', { parameters: [ID] })], v3)['/things/{id}'] as { readonly get: { readonly parameters: readonly object[] }; readonly parameters: readonly object[] };
  t.like(parameters, [{ name: 'id', in: 'path', required: true }]);
  t.like(get.parameters, [{ name: 'id', in: 'query' }]);
});

const SENT = route('post', {
  body: { model: 'core/v1.Pod', isRequired: true }, parameters: [], answers: { 200: 'core/v1.Pod', 201: 'core/v1.Pod' }, target: { action: 'post', kind: { group: '', version: 'v1', kind: 'Pod' } },
});
const EXTENSIONS = { 'x-kubernetes-action': 'post', 'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Pod' } };

test('v2 has bodies among the parameters, and media types at the operation', (t) => {
  const schema = { $ref: '#/definitions/core.v1.Pod' };
  t.deepEqual<unknown, unknown>(pathItems([SENT], v2), {
    '/things/{id}': {
      post: {
        description: 'post it', consumes: ['a/b'], produces: ['c/d', 'e/f'], schemes: ['https'], tags: ['things'], operationId: 'postThing', parameters: [{ name: 'body', in: 'body', required: true, schema }],
        responses: { 200: { description: 'OK', schema }, 201: { description: 'Created', schema }, 401: { description: 'Unauthorized' } }, ...EXTENSIONS,
      },
    },
  });
});

test('v3 has a schema for each media type', (t) => {
  const schema = { $ref: '#/components/schemas/core.v1.Pod' };
  const content = { 'c/d': { schema }, 'e/f': { schema } };
  t.deepEqual<unknown, unknown>(pathItems([SENT], v3), {
    '/things/{id}': {
      post: {
        description: 'post it', tags: ['things'], operationId: 'postThing', requestBody: { content: { 'a/b': { schema } }, required: true },
        responses: { 200: { description: 'OK', content }, 201: { description: 'Created', content }, 401: { description: 'Unauthorized' } }, ...EXTENSIONS,
      },
    },
  });
});

test('what need not be sent is not required, and nothing is said of media types that are not known', (t) => {
  const optional = route('delete', { body: { model: 'meta/v1.DeleteOptions', isRequired: false }, consumes: [], parameters: [] });
  const { delete: operation } = pathItems([optional], v2)['/things/{id}'] as { readonly delete: { readonly parameters: readonly object[] } };
  t.deepEqual<unknown, unknown>(operation.parameters, [{ name: 'body', in: 'body', schema: { $ref: '#/definitions/meta.v1.DeleteOptions' } }]);
  t.false('consumes' in operation);
});
