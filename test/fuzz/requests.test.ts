import test from 'ava';
import fc from 'fast-check';
import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { fuzz, json, NAMES, scalar } from '#test/support/fuzz.ts';

const pathOf = (resource: ResourceType, name = '', subresource = ''): string =>
  `${resource.group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}${resource.namespaced ? '/namespaces/default' : ''}/${resource.plural}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`;
const STREAMS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);
/** By a name, so that a counterexample can be read. */
const TARGETS = new Map(BUILT_IN_RESOURCES.flatMap((resource) => ['', ...resource.subresources.filter((s) => !STREAMS.has(s))].map((subresource) => [`${resource.plural}.${resource.group}/${resource.version}/${subresource}`, { resource, subresource }] as const)));
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/json', ''];
const query = fc.dictionary(fc.constantFrom('dryRun', 'fieldManager', 'fieldValidation', 'force', 'limit', 'continue', 'labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch', 'gracePeriodSeconds', 'propagationPolicy', 'timeoutSeconds', 'pretty', 'sendInitialEvents', ...NAMES.slice(-10)),
  fc.oneof(fc.constantFrom('All', 'Strict', 'Exact', '0', '1', '-1', 'true', 'a=b', 'metadata.name=a', 'Foreground', '99999999999999999999'), fc.string()), { maxKeys: 3 });
const body = fc.oneof(json, fc.record({ metadata: fc.oneof(json, fc.record({ name: fc.constantFrom('a', 'b', '', 'A'), generateName: scalar, labels: json, annotations: json, finalizers: json, ownerReferences: json }, { requiredKeys: ['name'] })), spec: json, data: json, status: json, rules: json, roleRef: json, subjects: json }, { requiredKeys: ['metadata'] }));

test('no request, whatever it says, is a failure of the server; what is accepted is read back equal', async (t) => {
  t.timeout(600_000);
  const api = await startInProcessApi(t);
  const method = fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE' as const);
  await fuzz(fc.asyncProperty(fc.constantFrom(...TARGETS.keys()), method, fc.constantFrom('', 'a', 'b', 'constructor', '__proto__'), query, body, fc.constantFrom(...PATCH_TYPES), async (target, verb, name, search, value, contentType) => {
    const { resource, subresource } = TARGETS.get(target) as { readonly resource: ResourceType; readonly subresource: string };
    const request = { method: verb as 'GET', path: pathOf(resource, name, name === '' ? '' : subresource), query: search, ...(verb === 'GET' ? {} : { body: Buffer.from(JSON.stringify(value) ?? 'null') }), ...(verb === 'PATCH' ? { contentType } : {}) };
    const answer = await api.handle(request, ADMIN);
    // 504: a resourceVersion that is not there yet.
    if (answer.status >= 500 && answer.status !== 504) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    if (({} as Record<string, unknown>)['polluted'] !== undefined || Object.keys(Object.prototype).length > 0) throw new Error('the prototype was polluted');
    if (answer.status !== 201 || search['dryRun'] || subresource !== '' || name !== '' || !resource.verbs.includes('get')) return;
    const made = answer.body as KubeObject;
    const read = await api.handle({ method: 'GET', path: pathOf(resource, made.metadata.name) }, ADMIN);
    if (JSON.stringify(read.body) !== JSON.stringify(made)) throw new Error(`read ${JSON.stringify(read.body)}\nmade ${JSON.stringify(made)}`);
  }));
  t.pass();
});
