import test from 'ava';
import { goFloat, goJson, goQuote } from '#api/go-text.ts';

for (const [text, quoted] of [
  ['', '""'], ['a b é 日 😀', '"a b é 日 😀"'], ['"\\', '"\\"\\\\"'], ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\u0000\u0001\u007F', '"\\x00\\x01\\x7f"'], ['\u0085\u00A0\u200B\uFEFF', '"\\u0085\\u00a0\\u200b\\ufeff"'], ['\u{E0001}', '"\\U000e0001"'],
] as const) {
  test(`Go quotes ${JSON.stringify(text)}`, (t) => { t.is(goQuote(text), quoted); });
}

test('JSON is written so that it is not taken for HTML', (t) => {
  t.is(goJson({ a: ['<b>', '&\u2028'], c: null }), '{"a":["\\u003cb\\u003e","\\u0026\\u2028"],"c":null}');
  t.is(goJson(undefined), 'null');
});

for (const [value, text] of [[0.1, '0.1'], [100_000, '100000'], [1e6, '1e+06'], [1_234_567.5, '1.2345675e+06'], [123_456.5, '123456.5'], [0.0001, '0.0001'], [0.00001, '1e-05'], [-1e20, '-1e+20'], [1.5e300, '1.5e+300']] as const) {
  test(`Go prints the double ${value}`, (t) => { t.is(goFloat(value), text); });
}
