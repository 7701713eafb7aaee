import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { HiddenValues } from '#sync/offline/hidden-values.ts';

const secret = (data: Readonly<Record<string, string>>): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"aHVudGVyMg=="}}' } }, data } as KubeObject);
const dataOf = (object: KubeObject): Readonly<Record<string, string>> => (object as unknown as { readonly data: Readonly<Record<string, string>> }).data;

test('values are hidden, and whether two are the same can still be told', (t) => {
  const hidden = new HiddenValues('salt');
  const [a, b] = [hidden.hide(secret({ a: 'aHVudGVyMg==', b: 'eA==' })), hidden.hide(secret({ a: 'aHVudGVyMg==', b: 'eQ==' }))];
  t.is(dataOf(a)['a'], dataOf(b)['a']);
  t.not(dataOf(a)['b'], dataOf(b)['b']);
  t.notRegex(JSON.stringify([a, b]), /aHVudGVyMg|eA==/);
});

test('another salt gives others, so that nobody can try words against them', (t) => {
  t.not(dataOf(new HiddenValues('one').hide(secret({ a: 'eA==' })))['a'], dataOf(new HiddenValues('two').hide(secret({ a: 'eA==' })))['a']);
});

test('messages about a Secret hold no value, encoded or not', (t) => {
  t.is(new HiddenValues('salt').hideIn('data.a: "aHVudGVyMg==" is hunter2', secret({ a: 'aHVudGVyMg==' })), 'data.a: "<hidden>" is <hidden>');
});

test('other objects stay as they are', (t) => {
  const map: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
  t.is(new HiddenValues('salt').hide(map), map);
});
