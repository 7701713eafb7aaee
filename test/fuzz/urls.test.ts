import test from 'ava';
import fc from 'fast-check';
import type { ApiRequest } from '#api/transport.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { fuzz, NAMES } from '#test/support/fuzz.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const SEGMENTS = [
  'api', 'apis', 'v1', 'apps', 'namespaces', 'default', 'kube-system', 'status', 'scale', 'finalize', 'binding', 'eviction', 'token', 'approval', 'openapi', 'v2', 'v3', 'healthz', 'livez', 'readyz', 'metrics', 'version', '.well-known', 'openid-configuration',
  ...new Set(BUILT_IN_RESOURCES.flatMap(({ group, version, plural }) => [group, version, plural])), '..', '.', '%2e%2e', '%2f', '%zz', '%00', '%ff', 'é', ...NAMES,
];
const START = ['/api/v1', '/apis/apps/v1', '/apis', '/openapi/v3', '', '/api/v1/namespaces/default', '/apis/apiextensions.k8s.io/v1'];
const path = fc.tuple(fc.constantFrom(...START), fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...SEGMENTS) }, { weight: 1, arbitrary: fc.string() }), { maxLength: 6 })).map(([start, rest]) => [start, ...rest].join('/') || '/');
const value = fc.oneof(fc.constantFrom('', '0', '1', '-1', 'true', 'false', 'All', 'Exact', 'NotOlderThan', 'a=b', 'metadata.name=a', '99999999999999999999', '5s', '-1h', '1e9h', 'verbose'), fc.string());
/** `timeout` is the shortest there is, or anything else; `watch` would last. */
const query = fc.dictionary(fc.constantFrom('limit', 'continue', 'labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'timeoutSeconds', 'timeout', 'pretty', 'dryRun', 'verbose', 'exclude', 'includeObject', '__proto__', 'constructor', ''), value, { maxKeys: 4 });
const NO_TARGET = 'target.name: Required value';
const method = fc.constantFrom<ApiRequest['method']>('GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE');

test('no path and query, whatever they say, are a failure of the server', async (t) => {
  t.timeout(600_000);
  const api = await startInProcessApi(t);
  await fuzz(fc.asyncProperty(method, path, query, async (verb, text, search) => {
    const answer = await api.handle({ method: verb, path: text, query: search, ...(verb === 'GET' ? {} : { body: { metadata: { name: 'a' } } }) }, ADMIN);
    // 504: a resourceVersion that is not there yet. A binding without a target is told as a 500 without a reason, as by Kubernetes.
    const isBindingFault = answer.status === 500 && (answer.body as { readonly message?: string }).message === NO_TARGET;
    if (answer.status >= 500 && answer.status !== 504 && !isBindingFault) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    // Health is told in plain text.
    if (answer.status >= 400 && typeof answer.body !== 'string' && (answer.body as { readonly kind?: string }).kind !== 'Status') throw new Error(`no Status: ${JSON.stringify(answer.body)}`);
    if (Object.keys(Object.prototype).length > 0) throw new Error('the prototype was polluted');
  }));
  t.pass();
});
