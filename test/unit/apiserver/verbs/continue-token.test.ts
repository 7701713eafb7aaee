import test from 'ava';
import { decodeContinue, encodeContinue } from '#apiserver/verbs/continue-token.ts';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const V = 'meta.k8s.io/v1';

test('a token tells what was put into it', (t) => {
  for (const token of [{ revision: 7, namespace: 'default', name: 'a', shownAt: 5 }, { revision: -1, namespace: '', name: 'node.1' }]) t.deepEqual(decodeContinue(encodeContinue(token)), token);
});

for (const [what, text, why] of [
  ['no version', encoded({ v: '', rv: 1, start: 'n/key' }), 'server does not recognize this encoded version '],
  ['another version', encoded({ v: 'v1', rv: 1, start: 'n/key' }), 'server does not recognize this encoded version v1'],
  ['nothing', encoded(null), 'server does not recognize this encoded version '],
  ['revision 0', encoded({ v: V, rv: 0, start: 'n/key' }), 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
  ['no start', encoded({ v: V, rv: 1, start: '' }), 'encoded start key empty (version meta.k8s.io/v1)'],
  ['a start above', encoded({ v: V, rv: 1, start: '../key' }), '../key'],
  ['a start in itself', encoded({ v: V, rv: 1, start: './key' }), './key'],
  ['a start twice above', encoded({ v: V, rv: 1, start: './../key' }), './../key'],
  ['a start that goes back', encoded({ v: V, rv: 1, start: 'key/../..' }), 'key/../..'],
  ['a revision that is no number', encoded({ v: V, rv: '1', start: 'n/key' }), 'json: cannot unmarshal string into Go struct field continueToken.rv of type int64'],
  ['a revision with a part', encoded({ v: V, rv: 1.5, start: 'n/key' }), 'json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64'],
  ['a list', encoded([]), 'json: cannot unmarshal array into Go value of type storage.continueToken'],
  ['no JSON', Buffer.from('abc').toString('base64url'), "invalid character 'a' looking for beginning of value"],
  ['no base64', 'ab!c', 'illegal base64 data at input byte 2'],
  ['a character too many', 'e30aa', 'illegal base64 data at input byte 4'],
] as const) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => decodeContinue(text), { message: `invalid continue token: continue key is not valid: ${why}` });
  });
}
