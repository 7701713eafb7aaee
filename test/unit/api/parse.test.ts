import test from 'ava';
import { parseBody } from '#api/parse.ts';

const json = (text: string): ReturnType<typeof parseBody> => parseBody(Buffer.from(text), 'application/json');
const yaml = (text: string): unknown => parseBody(Buffer.from(text), 'application/yaml').value;

test('duplicate members are found at any depth, and the last one counts', (t) => {
  const text = String.raw`{"a":{"b":1,"b":2},"l":[{"x:y":"a\":{","x:y":"\\"}],"c":{"b":1}}`;
  t.deepEqual(json(text), { value: { a: { b: 2 }, l: [{ 'x:y': '\\' }], c: { b: 1 } }, duplicates: [{ path: 'a.b', key: 'b', line: 1 }, { path: 'l[0].x:y', key: 'x:y', line: 1 }] });
  t.deepEqual(json('{"a":"x:y","b":["\\":"]}').duplicates, []);
});

test('duplicate keys in YAML', (t) => {
  const { value, duplicates } = parseBody(Buffer.from('spec:\n  a: 1\n  a: 2\nbase: &b {x: 1}\nmerged:\n  <<: *b\n  x: 2\n'), 'application/yaml');
  t.deepEqual(value, { spec: { a: 2 }, base: { x: 1 }, merged: { x: 2 } });
  t.deepEqual(duplicates, [{ path: 'spec.a', key: 'a', line: 3 }]);
});

test('duplicate keys in YAML are named with their lines', (t) => {
  const text = '# no key\nlist:\n- a: 1\n- a: {b: 1,\n    "b": 2}\n  a: 3\n  a: 4\nanchor: &k x\n? long\n: *k\nz: [1, [*k]]\n"z": 2\n';
  const { duplicates } = parseBody(Buffer.from(text), 'application/yaml');
  t.deepEqual(duplicates.map(({ path, line }) => `${path}:${line}`), ['list[1].a.b:5', 'list[1].a:6', 'list[1].a:7', 'z:12']);
});

test('of what stands twice a hundred are told', (t) => {
  t.is(json(`{${'"a":1,'.repeat(500)}"b":1}`).duplicates.length, 100);
  t.is(parseBody(Buffer.from('a: 1\n'.repeat(500)), 'application/yaml').duplicates.length, 100);
});

test('JSON where YAML is expected is read as JSON, and a flow mapping as YAML', (t) => {
  const { value, duplicates } = parseBody(Buffer.from(String.raw`{"a":{"b":1,"b":9007199254740993},"<<":"yes","s":"\ud83d\ude00"}`), 'application/yaml');
  t.deepEqual(value, { a: { b: 9007199254740993n }, '<<': 'yes', s: '😀' });
  t.deepEqual(duplicates, [{ path: 'a.b', key: 'b', line: 1 }]);
  t.deepEqual(yaml('{a: yes, "b": [no]}'), { a: true, b: [false] });
  t.throws(() => yaml('{"a":{"__proto__":1}}'), { message: /__proto__/ });
});

test('YAML scalars are those of kubectl', (t) => {
  t.deepEqual(yaml('[yes, n, On, 0o17, 0777, 0x1F, 1_000, 1.5, 089, 10:30:00, 2026-01-02, ~, "yes", 1e3, -0b11, .]'),
    [true, false, true, 15, 511, 31, 1000, 1.5, 89, '10:30:00', '2026-01-02', null, 'yes', 1000, -3, '.']);
  t.deepEqual(yaml('[0O17, 0B11, 0X1f, _1, 0x123456789012345678901, 0xffffffffffffffff, 123456789012345678901234567890, 1e400, -._5]'),
    [15, 3, 31, '_1', '0x123456789012345678901', 2 ** 64, Number('123456789012345678901234567890'), '1e400', -0.5]);
  t.deepEqual(yaml('1: a\ntrue: b\n'), { 1: 'a', true: 'b' });
});

for (const text of ['a: 1\n---\nb: 2\n', '# no document yet\n---\na: 1\n...\nb: [\n', '%YAML 1.1\n---\na: 1\n---', '--- {a: 1}\n--- {b: 2}\n', 'a: 1\r\n---\r\nb: 2']) {
  test(`of several documents the first one counts: ${JSON.stringify(text)}`, (t) => { t.deepEqual(yaml(text), { a: 1 }); });
}

test('three dashes with more behind them, or within a line, begin no document', (t) => {
  t.deepEqual(yaml('a: |\n  x\n  ---\n  y\n----b: 1\n'), { a: 'x\n---\ny\n', '----b': 1 });
});

for (const [name, text, type, message] of [
  ['broken JSON', '{', 'application/json', /json parse error/],
  ['broken YAML', 'a: [', 'application/yaml', /error converting YAML to JSON/],
  ['a __proto__ member', '{"a":{"__proto__":1}}', 'application/json', /__proto__/],
  ['a __proto__ key in YAML', '__proto__: {a: 1}', 'application/yaml', /__proto__/],
  ['deep nesting', '['.repeat(600) + ']'.repeat(600), 'application/json', /nested deeper/],
  ['infinity', 'a: .inf', 'application/yaml', /^json: unsupported value: \+Inf$/],
  ['infinity below', 'a: -.INF', 'application/yaml', /^json: unsupported value: -Inf$/],
  ['what is no number', 'a: .NaN', 'application/yaml', /^json: unsupported value: NaN$/],
  ['bytes that are no base64', 'a: !!binary "!"', 'application/yaml', /error converting YAML to JSON/],
  ['an unknown content type', 'a', 'text/html', /unknown format/],
  ['a large body', ' '.repeat(4e6), 'application/json', /too large/],
  ['an alias bomb', `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}`, 'application/yaml', /more than 1000000 values/],
] as const) {
  test(`refuses ${name}`, (t) => {
    t.throws(() => parseBody(Buffer.from(text), type), { message });
  });
}

test('bytes in a form that is not known are refused for their form, so that clients try another', (t) => {
  for (const type of ['application/cbor', 'application/apply-patch+cbor']) t.like(t.throws(() => parseBody(Buffer.from('a0ff', 'hex'), type)), { reason: 'UnsupportedMediaType' });
});

for (const [text, last] of [
  ['a: |\n  x\n  y', 'x\ny'], ['a: |\n  x\n  y\n', 'x\ny\n'], ['a: >+\n  x\n  y', 'x y'], ['a: |\n  y\n  ', 'y\n'], ['b: 1\na:\n- c:\n  - |\n    y', [{ c: ['y'] }]], ['a: "y\\n"', 'y\n'], ['a: |\n  y\n# y', 'y\n'],
] as const) {
  test(`a text at the end ends with a line break where it was written: ${JSON.stringify(text)}`, (t) => {
    t.deepEqual((yaml(text) as { readonly a: unknown }).a, last);
  });
}
