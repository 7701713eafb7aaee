import test from 'ava';
import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, type NameCheck, portName, qualifiedName, wildcardSubdomain } from '#api/names.ts';

const long = 'a'.repeat(254);
const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

for (const [name, rule, text, ...expected] of [
  ['a label', dns1123Label, 'a-1'], ['a label that begins with a digit', dns1123Label, '1a'],
  ['a label with dots', dns1123Label, 'a.b', 'must not contain dots'],
  ['a long label with dots', dns1123Label, `${'a'.repeat(63)}.b`, 'must be no more than 63 characters', 'must not contain dots'],
  ['a label with capitals and dots', dns1123Label, 'A.b', LABEL],
  ['a label that ends with a dot', dns1123Label, 'a.', LABEL],
  ['a label that is empty', dns1123Label, '', LABEL],
  ['a long label', dns1123Label, 'a'.repeat(64), 'must be no more than 63 characters'],
  ['a long label of the older form', dns1035Label, 'a'.repeat(64), 'must be no more than 63 characters'],
  ['a long subdomain', dns1123Subdomain, long, 'must be no more than 253 characters'],
  ['a long wildcard', wildcardSubdomain, `*.${long}`, 'must be no more than 253 characters'],
  ['a long name of a port', portName, 'a'.repeat(16), 'must be no more than 15 characters'],
  ['a long value of a label', labelValue, 'a'.repeat(64), 'must be no more than 63 bytes'],
  ['a long key', qualifiedName, 'a'.repeat(64), 'name part must be no more than 63 bytes'],
  ['a key with a long prefix', qualifiedName, `${long}/a`, 'prefix part must be no more than 253 bytes'],
  ['a key without a name', qualifiedName, 'a.b/', 'name part must be non-empty', `name part ${QUALIFIED}`],
  ['a key without a prefix', qualifiedName, '/a', 'prefix part must be non-empty'],
  ['a key with two slashes', qualifiedName, 'a/b/c', `a valid label key ${QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
] as readonly (readonly [string, NameCheck, string, ...string[]])[]) {
  test(`${name} is ${expected.length === 0 ? 'right' : 'refused in words of Kubernetes'}`, (t) => t.deepEqual(rule(text), expected));
}
