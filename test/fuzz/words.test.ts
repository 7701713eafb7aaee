import test from 'ava';
import fc from 'fast-check';
import { formatQuantity, tryParseQuantity } from '#api/quantity.ts';
import { BUILT_IN_RESOURCES, PODS } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { fieldPredicate, parseFieldSelector } from '#api/selectors/fields.ts';
import { parseLabelSelector } from '#api/selectors/labels.ts';
import { parseRequest } from '#apiserver/request-info.ts';
import { decodeContinue, encodeContinue } from '#apiserver/verbs/continue-token.ts';
import { decoded, fuzz, json, NAMES } from '#test/support/fuzz.ts';
import { pathSegmentName } from '#api/names.ts';

const scheme = new Scheme(BUILT_IN_RESOURCES);
const words = (...parts: readonly string[]): fc.Arbitrary<string> => fc.oneof(fc.string(), fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 3 })), { maxLength: 12 }).map((all) => all.join('')));

test('any text as a label selector', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(words('a', 'b/c', '=', '==', '!=', '!', ' in ', ' notin ', '(', ')', ',', '>', '<', ' ', '1', 'in'), (text) =>
    void decoded(() => parseLabelSelector(text))?.({ a: 'b', constructor: 'x' })));
  t.pass();
});

test('any text as a field selector', async (t) => {
  t.timeout(600_000);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
  await fuzz(fc.property(words('metadata.name', 'spec.nodeName', 'constructor', '=', '==', '!=', ',', '\\', '\\,', 'a'), (text) => {
    decoded(() => parseFieldSelector(text));
    decoded(() => fieldPredicate(PODS, text))?.(pod);
  }));
  t.pass();
});

const objectName = fc.string().filter((name) => pathSegmentName(name).length === 0);

test('any text as a continue token; a token that was given is read back', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(fc.string(), json, fc.integer({ min: 1 }), objectName, (text, value, revision, name) => {
    decoded(() => decodeContinue(text));
    decoded(() => decodeContinue(Buffer.from(JSON.stringify(value) ?? '').toString('base64url')));
    decoded(() => decodeContinue(Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: value, start: text })).toString('base64url')));
    const token = { revision, namespace: 'n', name };
    const again = decodeContinue(encodeContinue(token));
    if (JSON.stringify(again) !== JSON.stringify(token)) throw new Error(JSON.stringify({ token, again }));
  }));
  t.pass();
});

test('any text as a quantity; its canonical form means the same', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(words('1', '0', '.', '-', '+', 'e', 'E', '99999999999999999999', 'm', 'Ki', 'Gi', 'n', 'E999999999'), (text) => {
    const quantity = tryParseQuantity(text);
    if (!quantity) return;
    const again = tryParseQuantity(formatQuantity(quantity));
    if (again?.nanos !== quantity.nanos) throw new Error(`${text} became ${formatQuantity(quantity)}`);
  }));
  t.pass();
});

test('any path and query as a request', async (t) => {
  t.timeout(600_000);
  const path = fc.array(fc.oneof(fc.constantFrom('api', 'apis', 'v1', 'apps', 'pods', 'namespaces', 'default', 'status', 'log', '..', '%2e', '%zz', '%00', ...NAMES), fc.string()), { maxLength: 8 }).map((s) => `/${s.join('/')}`);
  await fuzz(fc.property(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE' as const), path, fc.dictionary(fc.constantFrom('watch', 'x', '__proto__'), fc.string()), (method, text, query) =>
    void decoded(() => parseRequest(scheme, method as 'GET', text, query))));
  t.pass();
});
