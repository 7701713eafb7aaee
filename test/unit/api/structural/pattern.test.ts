import test from 'ava';
import { compilePattern } from '#api/structural/pattern.ts';
import { stringFormat } from '#api/structural/formats.ts';

const matches: readonly (readonly [pattern: string, text: string, isMatch: boolean])[] = [
  ['^a+$', 'aaa', true], ['^a+$', 'aab', false], ['(?i)^AB', 'abc', true], ['(?P<x>a)b', 'ab', true], ['^[[:alpha:]_-]+$', 'a_-', true], ['^\\p{Greek}$', 'λ', true], ['^\\pL$', 'é', true],
  ['^[\\w.-]+$', 'a.b-c', true], ['^\\-\\_\\/$', '-_/', true], ['^a{2,3}$', 'aa', true], ['^{a}$', '{a}', true], ['^\\Qa.b\\E$', 'a.b', true], ['^\\Qa.b\\E$', 'axb', false], ['\\Aa\\z', 'a', true],
  ['^[^]a]$', 'b', true], ['^[]a]$', ']', true], ['^.$', '\n', false], ['(?s)^.$', '\n', true], ['^x(?:y(?i)z)Z$', 'xyZZ', true], ['^([a-z0-9]([-a-z0-9]*[a-z0-9])?)(\\.[a-z0-9]+)*$', 'a-b.c', true], ['^💩.$', '💩x', true],
];
for (const [pattern, text, isMatch] of matches) test(`${pattern} ${isMatch ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, (t) => t.is(compilePattern(pattern)(text), isMatch));

for (const [pattern, message] of [['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'], ['(a', 'error parsing regexp: missing closing ): `(a`'], ['[a', 'error parsing regexp: missing closing ]: `[a`'], ['\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
  ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'], ['*a', 'error parsing regexp: missing argument to repetition operator: `*`'], ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
  ['a{2,1}', 'error parsing regexp: invalid repeat count: `{2,1}`'], ['a)', 'error parsing regexp: unexpected ): `a)`'], ['(?P<a>x)(?P<a>y)', 'error parsing regexp: duplicate capture group name: `a`'],
  ['(?P<n', 'error parsing regexp: invalid named capture: `(?P<n`'], ['\\pX', 'error parsing regexp: invalid character class range: `\\pX`'], ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
] as const) {
  test(`${pattern} is refused`, (t) => t.is(t.throws(() => compilePattern(pattern))?.message, message));
}

test('nested repetitions take no longer than others', (t) => {
  const matches = compilePattern('^(a+)+$');
  t.true(matches('a'.repeat(100_000)));
  t.false(matches(`${'a'.repeat(100_000)}b`));
});

const FORMATS: Readonly<Record<string, readonly [right: readonly string[], wrong: readonly string[]]>> = {
  'date-time': [['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.5+01:00'], ['2024-01-02', '2024-13-02T03:04:05Z', '2024-01-02T25:04:05Z']],
  date: [['2024-02-29'], ['2023-02-29', 'x']], duration: [['1h30m', '22 ns', '2 days', '0'], ['x', '1 fortnight']], ipv4: [['1.2.3.4'], ['::1', '1.2.3']], ipv6: [['::1'], ['1.2.3.4', 'fe80::1%eth0']],
  cidr: [['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33']], uri: [['https://a.b/c', '/x', 'urn:a:b'], ['a/b', 'https://a b/', '']], email: [['a@b.c', 'A B <a@b>'], ['a']], hostname: [['a.example.com', '1a'], ['-a', 'a..b']],
  uuid: [['123E4567-e89b-12d3-a456-426614174000'], ['x']], byte: [['YQ=='], ['a', '']], mac: [['00:1b:63:84:45:e6', '001b.6384.45e6'], ['00:1b']], isbn: [['0321751043', '978-0321751041'], ['0321751044']],
  hexcolor: [['#fff'], ['#ff']], rgbcolor: [['rgb(1, 2, 255)'], ['rgb(1,2,256)']], ssn: [['111-22-3333'], ['1']], creditcard: [['4111 1111 1111 1111'], ['4111 1111 1111 1112']], 'k8s-short-name': [['a-b'], ['a.b']], 'k8s-long-name': [['a.b'], ['A']],
};
for (const [format, [right, wrong]] of Object.entries(FORMATS)) {
  test(`format ${format}`, (t) => {
    t.deepEqual(right.filter((text) => stringFormat(format)?.(text) !== true), []);
    t.deepEqual(wrong.filter((text) => stringFormat(format)?.(text) !== false), []);
  });
}
