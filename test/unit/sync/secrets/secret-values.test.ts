import test from 'ava';
import { SecretValues } from '#sync/secrets/secret-values.ts';

const values = new SecretValues();
values.add(['geheim"1', 'abc', 'line one\nline two', '']);
const cases = [
  { name: 'a value', text: 'cannot parse geheim"1 as int', expected: 'cannot parse <hidden> as int' },
  { name: 'a value in JSON', text: String.raw`{"a":"geheim\"1"}`, expected: '{"a":"<hidden>"}' },
  { name: 'a value in base64', text: `data: ${Buffer.from('geheim"1').toString('base64')}`, expected: 'data: <hidden>' },
  { name: 'a short value between quotes', text: 'abcdef: Invalid value: "abc"', expected: 'abcdef: Invalid value: <hidden>' },
  { name: 'one line of several', text: 'near line two: bad', expected: 'near <hidden>: bad' },
];
for (const { name, text, expected } of cases) {
  test(`${name} is hidden`, (t) => {
    t.is(values.hide(text), expected);
  });
}
