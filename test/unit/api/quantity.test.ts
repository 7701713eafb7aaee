import test from 'ava';
import fc from 'fast-check';
import { add, canonicalQuantity, compare, formatQuantity, milli, parseQuantity, quantityFault, subtract, toNumber, tryParseQuantity } from '#api/quantity.ts';
import { cpuMs } from '#test/support/cpu-ms.ts';

for (const [text, canonical] of [
  ['0', '0'], ['0.5', '500m'], ['1000m', '1'], ['1.5Gi', '1536Mi'], ['1024Ki', '1Mi'], ['1000Ki', '1000Ki'], ['0.5Ki', '512'], ['1500k', '1500k'],
  ['1000k', '1M'], ['1e3', '1e3'], ['12e6', '12e6'], ['1E', '1E'], ['123456789', '123456789'], ['-0.1', '-100m'], ['0.1n', '1n'], ['1u', '1u'], ['.5', '500m'], ['5.', '5.'],
  ['1.5Ki', '1536'], ['1000', '1k'], ['100Gi', '100Gi'], ['2048', '2048'],
  ['12E', '12E'], ['9Ei', '9223372036854775807'], ['-9Ei', '-9223372036854775807'], ['9223372036854775807Ki', '9223372036854775807'], ['9223372036854775808', '9223372036854775808'], ['1e21', '1e21'], ['1.3E+6', '1300e3'], ['1.7E18', '1700e15'],
  ['3.001n', '4n'], ['-3.001n', '-4n'], ['0.00000012345', '124n'], ['100.035Ki', '102435840m'], ['0.05Gi', '53687091200m'], ['0.000000000001Ki', '2n'], ['1.G', '1.G'], ['+1', '+1'], [' 1 ', '1'],
  ['100E999999999', '100E999999999'], ['1e103', '10e99'], ['-5e301', '-10e99'], ['1e-200', '1e-9'], [`0.${'0'.repeat(500)}1`, '1n'], [`2.${'0'.repeat(500)}`, '2'], [`${'0'.repeat(500)}70000`, '70k'],
  ['1.500', '1.500'], ['0.500', '500m'], ['1.50', '1500m'], ['-2.345P', '-2.345P'], ['882.438E3', '882.438E3'], ['10E3', '10E3'], ['007', '007'], ['1.000', '1'], ['2.000001', '2.000001'], ['1234567890.123456789', '1234567890123456789n'],
  ['012Ki', '012Ki'], ['+12Mi', '+12Mi'], ['16Ki', '16Ki'], ['1025Ki', '1025Ki'], ['999999999Mi', '999999999Mi'], ['k', '0'], ['-e3', '0'], ['.', '0'], ['Ki', '0'],
] as const) {
  test(`${text} is written ${canonical}`, (t) => { t.is(canonicalQuantity(text), canonical); });
}

for (const text of ['', 'x', '1 Gi', '1gi', '1.2.3', '1e', '--1', '1KB', '٣']) {
  test(`"${text}" is no quantity`, (t) => { t.is(tryParseQuantity(text), undefined); });
}

for (const [text, fault] of [
  ['0.1mi', "unable to parse quantity's suffix"], ['1i', "unable to parse quantity's suffix"], ['-3.01e-', "unable to parse quantity's suffix"], ['Pi', 'unable to parse numeric part of quantity'], ['-.e-10', 'unable to parse numeric part of quantity'],
  ['1.1.M', /must match the regular expression/], ['1 Gi', /must match the regular expression/], ['aoeu', /must match the regular expression/], ['', /must match the regular expression/],
] as const) {
  test(`"${text}" is refused with its fault`, (t) => { t.is(tryParseQuantity(text), undefined); t.true(typeof fault === 'string' ? quantityFault(text) === fault : fault.test(quantityFault(text))); });
}

test('less than one in powers of 1024 is a decimal amount', (t) => {
  t.is(tryParseQuantity('0.0001Ki')?.format, 'DecimalSI');
  t.is(tryParseQuantity('0.5Ki')?.format, 'BinarySI');
});

test('the canonical text keeps the amount', (t) => {
  const text = fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2')).map(([n, suffix]) => `${n}${suffix}`);
  t.notThrows(() => fc.assert(fc.property(text, (q) => compare(parseQuantity(formatQuantity(parseQuantity(q))), parseQuantity(q)) === 0)));
});

test('millions of digits are read at once', (t) => {
  const texts = ['9'.repeat(3e6), `1${'0'.repeat(3e6)}e0`, `${'9'.repeat(3e6)}Gi`];
  t.true(cpuMs(() => texts.forEach((text) => t.not(canonicalQuantity(text), undefined))) < 2_000);
});

test('arithmetic is exact', (t) => {
  const [a, b] = [parseQuantity('100m'), parseQuantity('0.2')];
  t.is(formatQuantity(add(a, b)), '300m');
  t.is(formatQuantity(subtract(parseQuantity('1Gi'), parseQuantity('1Ki'))), '1048575Ki');
  t.is(milli(parseQuantity('1.0001')), 1001);
  t.is(toNumber(parseQuantity('0.25')), 0.25);
});
