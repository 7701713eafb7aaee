import test from 'ava';
import fc from 'fast-check';
import { spliceVersion } from '#watchcache/splice-version.ts';

const cases: readonly { readonly title: string; readonly text: string; readonly expected: string }[] = [
  { title: 'metadata with members', text: '{"kind":"X","metadata":{"name":"a"},"n":1}', expected: '{"kind":"X","metadata":{"resourceVersion":"7","name":"a"},"n":1}' },
  { title: 'empty metadata', text: '{"metadata":{ }}', expected: '{"metadata":{"resourceVersion":"7" }}' },
  { title: 'no metadata', text: '{"kind":"X"}', expected: '{"metadata":{"resourceVersion":"7"},"kind":"X"}' },
  { title: 'an empty object', text: '{}', expected: '{"metadata":{"resourceVersion":"7"}}' },
  { title: 'nested metadata before', text: '{"spec":{"metadata":{"a":1}},"metadata":{"b":2}}', expected: '{"spec":{"metadata":{"a":1}},"metadata":{"resourceVersion":"7","b":2}}' },
  { title: 'a value that reads metadata', text: '{"kind":"metadata","x":"\\"metadata\\":{","metadata":{"b":2}}', expected: '{"kind":"metadata","x":"\\"metadata\\":{","metadata":{"resourceVersion":"7","b":2}}' },
  { title: 'a string that ends in backslashes', text: '{"x":"\\\\","metadata":{"b":2}}', expected: '{"x":"\\\\","metadata":{"resourceVersion":"7","b":2}}' },
  { title: 'spaces and large integers', text: '{ "metadata" : { "generation": 9007199254740993 } }', expected: '{ "metadata" : {"resourceVersion":"7", "generation": 9007199254740993 } }' },
];
for (const { title, text, expected } of cases) {
  test(`the version goes into ${title}`, (t) => t.is(spliceVersion(text, 7), expected));
}

test('any object decodes to itself with the version', (t) => {
  const object = fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(object, ([before, metadata, indent]) => {
      const value = { ...before, ['__proto__' in before ? 'x' : 'y']: 1, metadata: { ...metadata, resourceVersion: undefined } };
      const decoded = JSON.parse(spliceVersion(JSON.stringify(value, null, indent), 7)) as unknown;
      t.deepEqual(decoded, JSON.parse(JSON.stringify({ ...value, metadata: { ...metadata, resourceVersion: '7' } })));
    }),
    { numRuns: 300 },
  );
});
