import test from 'ava';
import { requireTyped } from '#api/apply/typed-patch.ts';
import { DEPLOYMENTS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';

const schema = loadSchema();
const SAID = 'failed to create typed patch object';
const AT = '.spec.template.spec';

const deployment = (pod: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template: { spec: pod } } }) as object;

for (const [pod, fault] of [
  [{ containers: [{ name: 'c', env: [{ name: 'A', value: 1 }] }] }, '.containers[name="c"].env[name="A"].value: expected string, got &value.valueUnstructured{Value:1}'],
  [{ containers: [{ name: 'c', env: [{ name: 'A', value: { a: ['b'] } }] }] }, '.containers[name="c"].env[name="A"].value: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":[]interface {}{"b"}}}'],
  [{ containers: [1] }, '.containers: element 0: associative list with keys may not have non-map elements'],
  [{ containers: {} }, '.containers: expected list, got &{map[]}'],
  [{ containers: [{ name: 'c', ports: [{ containerPort: '80' }] }] }, '.containers[name="c"].ports[containerPort="80",protocol="TCP"].containerPort: expected numeric (int or float), got string'],
  [{ containers: [{ name: 'c', args: [1] }] }, '.containers[name="c"].args[0]: expected string, got &value.valueUnstructured{Value:1}'],
  [{ containers: [{ name: 'c', resources: { limits: { cpu: {} } } }] }, '.containers[name="c"].resources.limits.cpu: expected any scalar, got &{map[]}'],
  [{ hostNetwork: 1 }, '.hostNetwork: expected boolean, got &{1}'],
  [{ nodeSelector: 'x' }, '.nodeSelector: expected map, got &{x}'],
  [{ tolerations: [{ key: 1 }] }, '.tolerations[0].key: expected string, got &value.valueUnstructured{Value:1}'],
  [{ odd: 1 }, '.odd: field not declared in schema'],
] as const) {
  test(`refuses ${JSON.stringify(pod)}`, (t) => {
    t.like(t.throws(() => requireTyped(schema, DEPLOYMENTS, deployment(pod))), { message: `${SAID} (/d; apps/v1, Kind=Deployment): ${AT}${fault}`, httpCode: 500 });
  });
}

test('takes nulls, and what may be of several types', (t) => {
  t.notThrows(() => requireTyped(schema, DEPLOYMENTS, deployment({ hostNetwork: null, containers: [{ name: 'c', livenessProbe: { httpGet: { port: 'a' } }, resources: { limits: { cpu: 1 } } }] })));
});

const CUSTOM = { subresources: [], custom: { schema: { source: { type: 'object', properties: { spec: { type: 'object', properties: {
  count: { type: 'integer' }, port: { 'x-kubernetes-int-or-string': true }, labels: { type: 'object', additionalProperties: { type: 'string' } }, open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  embedded: { type: 'object', 'x-kubernetes-embedded-resource': true }, set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
} } } } } } } as unknown as Parameters<typeof requireTyped>[1];
const custom = (spec: object) => ({ apiVersion: 'e.x/v1', kind: 'T', metadata: { name: 'd', namespace: 'n' }, spec }) as object;

for (const [spec, fault] of [
  [{ count: 'x' }, '.count: expected numeric (int or float), got string'], [{ labels: { a: 1 } }, '.labels.a: expected string, got &value.valueUnstructured{Value:1}'],
  [{ open: [] }, '.open: expected map, got &{[]}'], [{ embedded: { apiVersion: 1 } }, '.embedded.apiVersion: expected string, got &value.valueUnstructured{Value:1}'],
  [{ set: ['a', 'a'] }, '.set: duplicate entries for key [="a"]'], [{ other: 1 }, '.other: field not declared in schema'],
] as const) {
  test(`refuses ${JSON.stringify(spec)} of a custom resource`, (t) => {
    t.like(t.throws(() => requireTyped(schema, CUSTOM, custom(spec))), { message: `${SAID} (n/d; e.x/v1, Kind=T): .spec${fault}`, httpCode: 500 });
  });
}

test('takes of a custom resource what its schema leaves open', (t) => {
  t.notThrows(() => requireTyped(schema, CUSTOM, custom({ count: 1.5, port: {}, open: { a: [1] }, labels: null })));
});
