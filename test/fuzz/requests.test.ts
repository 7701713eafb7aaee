import test from 'ava';
import fc from 'fast-check';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { jsonEqual } from '#api/json.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { loadSchema } from '#api/schema.ts';
import { fuzz, json, NAMES } from '#test/support/fuzz.ts';
import { ObjectGenerator } from '#test/support/fuzz-objects.ts';

const pathOf = (resource: ResourceType, name = '', subresource = ''): string =>
  `${resource.group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}${resource.namespaced ? '/namespaces/default' : ''}/${resource.plural}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`;
const STREAMS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);
/** By a name, so that a counterexample can be read. */
const TARGETS = new Map<string, { readonly resource: ResourceType; readonly subresource: string }>(BUILT_IN_RESOURCES.flatMap((resource) => ['', ...resource.subresources.filter((s) => !STREAMS.has(s))].map((subresource) => [`${resource.plural}.${resource.group}/${resource.version}/${subresource}`, { resource, subresource }] as const)));
const resourceOf = (target: string): ResourceType => TARGETS.get(target)?.resource ?? BUILT_IN_RESOURCES[0] as ResourceType;
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/json', ''];
const query = fc.oneof({ weight: 3, arbitrary: fc.constant<Record<string, string>>({}) }, { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('dryRun', 'fieldManager', 'fieldValidation', 'force', 'limit', 'continue', 'labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch', 'gracePeriodSeconds', 'propagationPolicy', 'timeoutSeconds', 'pretty', 'sendInitialEvents', ...NAMES.slice(-10)),
  fc.oneof(fc.constantFrom('All', 'Strict', 'Exact', '0', '1', '-1', 'true', 'a=b', 'metadata.name=a', 'Foreground', '99999999999999999999'), fc.string()), { maxKeys: 3 }) });
/** The first two have a status from the server's own controllers at once; the third is stored as v2, and its defaults are those of v2. */
const WRITTEN_BY_OTHERS: ReadonlySet<string> = new Set(['customresourcedefinitions', 'flowschemas', 'horizontalpodautoscalers']);
const NAMED = ['a', 'b', 'constructor', '__proto__'];
/** Objects are made in their collection and changed by their name, mostly. */
const action = fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE').chain((verb) => fc.tuple(fc.constant(verb), fc.nat(19).chain((chance) => ((verb === 'POST') === (chance > 0) ? fc.constant('') : fc.constantFrom(...NAMED)))));
const objects = new ObjectGenerator(loadSchema());
const words = fc.dictionary(fc.constantFrom('a', 'b/c', 'constructor'), fc.constantFrom('x', ''), { maxKeys: 2 });
const metadata = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'A', ''), generateName: fc.constantFrom('g-', ''), labels: words, annotations: words, finalizers: fc.constantFrom([], ['a.b/c'], ['x']), ownerReferences: objects.of('[]meta/v1.OwnerReference') }, { requiredKeys: ['name'] });
/** Now anything, now an object of the kind with a name that is mostly good. */
const bodyOf = ({ facts = '' }: ResourceType): fc.Arbitrary<unknown> => fc.oneof({ weight: 1, arbitrary: json },
  { weight: 9, arbitrary: fc.tuple(objects.of(facts), metadata).map(([object, meta]) => (typeof object === 'object' && !Array.isArray(object) ? { ...object, metadata: meta } : object)) });

test('no request, whatever it says, is a failure of the server; what is accepted is read back equal', async (t) => {
  t.timeout(600_000);
  const api = await startInProcessApi(t);
  const requests = fc.constantFrom(...TARGETS.keys()).chain((target) => fc.tuple(fc.constant(target), action, query, bodyOf(resourceOf(target)), fc.constantFrom(...PATCH_TYPES)));
  await fuzz(fc.asyncProperty(requests, async ([target, [verb, name], search, value, contentType]) => {
    const { resource, subresource } = TARGETS.get(target) ?? { resource: resourceOf(target), subresource: '' };
    const request = { method: verb as 'GET', path: pathOf(resource, name, name === '' ? '' : subresource), query: search, ...(verb === 'GET' ? {} : { body: Buffer.from(JSON.stringify(value) ?? 'null') }), ...(verb === 'PATCH' ? { contentType } : {}) };
    const answer = await api.handle(request, ADMIN);
    // 504: a resourceVersion that is not there yet. 500 without a reason: a refusal that Kubernetes tells so.
    if (answer.status >= 500 && answer.status !== 504 && (answer.body as Status).reason !== undefined) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    if (({} as Record<string, unknown>)['polluted'] !== undefined || Object.keys(Object.prototype).length > 0) throw new Error('the prototype was polluted');
    if (WRITTEN_BY_OTHERS.has(resource.plural) || answer.status !== 201 || search['dryRun'] || subresource !== '' || name !== '' || !resource.verbs.includes('get')) return;
    const made = answer.body as KubeObject;
    const read = await api.handle({ method: 'GET', path: pathOf(resource, made.metadata.name) }, ADMIN);
    if (!jsonEqual(read.body, made)) throw new Error(`read ${JSON.stringify(read.body)}\nmade ${JSON.stringify(made)}`);
  }));
  t.pass();
});
