import test from 'ava';
import fc from 'fast-check';
import { strategicMergePatch } from '#api/patch/strategic.ts';
import { loadSchema } from '#api/schema.ts';

const schema = loadSchema();
const spec = (...containers: object[]): object => ({ containers });
const names = (...list: string[]): object[] => list.map((name) => ({ name }));

for (const [name, type, original, patch, result] of [
  ['items merge by key', 'PodSpec', spec({ name: 'a', image: '1' }, { name: 'b', image: '1' }), spec({ name: 'b', image: '2' }), spec({ name: 'a', image: '1' }, { name: 'b', image: '2' })],
  ['new items come first', 'PodSpec', spec(...names('a')), spec(...names('b')), spec(...names('b', 'a'))],
  ['$patch delete removes an item', 'PodSpec', spec(...names('a', 'b')), spec({ name: 'a', $patch: 'delete' }), spec(...names('b'))],
  ['$patch replace replaces a list', 'PodSpec', spec(...names('a', 'b')), spec({ $patch: 'replace' }, { name: 'c' }), spec(...names('c'))],
  ['$patch replace replaces a map', 'PodSpec', { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'replace', fsGroup: 2 } }, { securityContext: { fsGroup: 2 } }],
  ['$patch delete empties a map', 'PodSpec', { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'delete' } }, { securityContext: {} }],
  ['$setElementOrder reorders', 'PodSpec', spec(...names('a', 'b', 'c')), { '$setElementOrder/containers': names('c', 'a') }, spec(...names('b', 'c', 'a'))],
  ['$setElementOrder places new items', 'PodSpec', spec(...names('a', 'c')), { '$setElementOrder/containers': names('a', 'b', 'c'), containers: names('b') }, spec(...names('a', 'b', 'c'))],
  ['$setElementOrder keeps server items in place', 'PodSpec', spec(...names('x', 'a', 'y')), { '$setElementOrder/containers': names('b', 'a'), containers: names('b') }, spec(...names('b', 'x', 'a', 'y'))],
  ['$retainKeys clears other members', 'DeploymentSpec', { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }, { strategy: { $retainKeys: ['type'], type: 'Recreate' } }, { strategy: { type: 'Recreate' } }],
  ['volumes retain keys', 'PodSpec', { volumes: [{ name: 'v', emptyDir: {} }] }, { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/' } }] }, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }],
  ['$deleteFromPrimitiveList', 'ObjectMeta', { finalizers: ['a', 'b', 'c'] }, { '$deleteFromPrimitiveList/finalizers': ['b'] }, { finalizers: ['a', 'c'] }],
  ['scalars join a merged set', 'ObjectMeta', { finalizers: ['a', 'b'] }, { finalizers: ['c', 'b'] }, { finalizers: ['c', 'a', 'b'] }],
  ['null deletes', 'ObjectMeta', { labels: { a: '1', b: '2' } }, { labels: { a: null } }, { labels: { b: '2' } }],
  ['nulls in new parts vanish', 'ObjectMeta', {}, { labels: { a: null, b: '1' } }, { labels: { b: '1' } }],
  ['atomic lists are replaced', 'PodSpec', { tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] }, { tolerations: [{ key: 'b' }] }],
  ['atomic lists keep what they are sent', 'PodSpec', { tolerations: [{ key: 'a' }] }, { tolerations: [{ $patch: 'replace' }, { key: 'b', operator: null }] }, { tolerations: [{ $patch: 'replace' }, { key: 'b', operator: null }] }],
  ['$setElementOrder of nothing asks for none', 'PodSpec', spec(...names('a')), { '$setElementOrder/containers': [], containers: names('b') }, spec(...names('a', 'b'))],
  ['$setElementOrder stands beside a replacement', 'PodSpec', spec(...names('a')), { '$setElementOrder/containers': names('b'), containers: [{ $patch: 'replace' }, { name: 'b' }] }, spec(...names('b'))],
  ['$deleteFromPrimitiveList of null deletes the list', 'ObjectMeta', { finalizers: ['a'] }, { '$deleteFromPrimitiveList/finalizers': null }, {}],
  ['$deleteFromPrimitiveList of no list deletes nothing', 'ObjectMeta', { finalizers: ['a'] }, { '$deleteFromPrimitiveList/finalizers': 'a' }, { finalizers: ['a'] }],
  ['an added item is taken as it was sent', 'PodSpec', { volumes: [] }, { volumes: [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: { $patch: 'replace', medium: null } }] }, { volumes: [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: { $patch: 'replace', medium: null } }] }],
  ['a replacement is taken as it was sent', 'PodSpec', { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'replace', fsGroup: null, sysctls: [{ $patch: 'delete' }] } }, { securityContext: { fsGroup: null, sysctls: [{ $patch: 'delete' }] } }],
  ['an added member loses nulls and what has directives', 'PodSpec', {}, { securityContext: { fsGroup: null, $retainKeys: ['a'], seLinuxOptions: { $patch: 'delete' }, sysctls: [{ $patch: 'delete' }, { name: 'a', value: null }] } }, { securityContext: { $retainKeys: ['a'], sysctls: [{ name: 'a' }] } }],
  ['a replaced list asks nothing of the items before', 'PodSpec', spec({ image: 'x' }), spec({ $patch: 'replace' }), spec()],
  ['a list that is added goes without its directives, items that nothing is known of are turned round', 'PodSpec', {}, { '$setElementOrder/containers': [], containers: [{ name: 'a' }, { name: 'b', $patch: 'delete' }, { name: 'c' }] }, spec(...names('c', 'a'))],
  ['service ports merge by port', 'ServiceSpec', { ports: [{ port: 80, name: 'a' }] }, { ports: [{ port: 80, targetPort: 8080 }] }, { ports: [{ port: 80, name: 'a', targetPort: 8080 }] }],
] as const) {
  test(name, (t) => {
    const before = JSON.stringify(original);
    const of = type === 'ObjectMeta' ? 'meta' : type === 'DeploymentSpec' ? 'apps' : 'core';
    t.deepEqual<unknown, unknown>(strategicMergePatch(schema, `${of}/v1.${type}`, original, patch), result);
    t.is(JSON.stringify(original), before);
  });
}

for (const [name, patch, message] of [
  ['an unknown directive', { securityContext: { $patch: 'x' } }, 'unknown patch type: x in map: map[$patch:x]'],
  ['a missing merge key', { containers: [{ image: 'x', args: ['b', 'c'] }] }, 'map: map[args:[b c] image:x] does not contain declared merge key: name'],
  ['an order against the list', { '$setElementOrder/containers': names('a'), containers: names('b') }, 'The order in patch list:\n[map[name:b]]\n doesn\'t match $setElementOrder list:\n[map[name:a]]\n'],
  ['a replacement behind all of the order', { '$setElementOrder/containers': names('b'), containers: [{ name: 'b' }, { $patch: 'replace' }] }, 'The order in patch list:\n[map[name:b] map[$patch:replace]]\n doesn\'t match $setElementOrder list:\n[map[name:b]]\n'],
  ['an order that is no list', { '$setElementOrder/containers': 'a' }, 'expected a []interface {}, but received a string'],
  ['an order of null', { '$setElementOrder/containers': null }, 'expected a []interface {}, but received a %!s(<nil>)'],
  ['an order of a list that is deleted', { '$setElementOrder/containers': names('a'), containers: null }, 'expected a []interface {}, but received a %!s(<nil>)'],
  ['an order of what is an object', { '$setElementOrder/securityContext': [1], securityContext: [1] }, 'expected a []interface {}, but received a map[string]interface {}'],
  ['an order of what the type does not have', { '$setElementOrder/odd': [] }, 'unable to find api field in struct PodSpec for the json field "odd"'],
  ['an order of what is no list', { '$setElementOrder/hostname': [] }, 'expected slice or array type, but got: struct'],
  ['an order of nothing', { '$setElementOrder/volumes': [], volumes: [] }, 'no elements in any of the given slices'],
  ['an order of no list', { $setElementOrder: [] }, 'invalid patch format of setElementOrder list'],
  ['an order of scalars', { '$setElementOrder/containers': ['a'] }, 'expected a map[string]interface {}, but received a string'],
  ['a deletion from no list', { $deleteFromPrimitiveList: [] }, 'invalid patch format of primitive list'],
  ['a deletion of objects that have no key', { '$deleteFromPrimitiveList/tolerations': [{ key: 'a' }] }, 'cannot merge lists without merge key for struct'],
  ['a directive that is no text', { securityContext: { $patch: 3 } }, 'unknown patch type: %!s(int64=3) in map: map[$patch:3]'],
  ['a directive of null', { containers: [{ $patch: null }] }, 'unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]'],
  ['scalars of several types', { imagePullSecrets: ['a', 1] }, 'list element types are not identical: [[] [a 1]]'],
  ['scalars where objects are merged', { imagePullSecrets: ['a'] }, 'expected a map[string]interface {}, but received a string'],
  ['lists in a list', { imagePullSecrets: [[]] }, 'the server rejected our request due to an error in our request'],
  ['a map in a map of texts', { nodeSelector: { a: { b: 1 } } }, 'merging an object in json but data type is not struct, instead is: map'],
  ['a list to merge', { containers: [{ $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
  ['scalars among objects', { containers: ['b'] }, 'list element types are not identical: [[map[name:a]] [b]]'],
  ['members that are not retained', { securityContext: { $retainKeys: ['runAsUser'], fsGroup: 1 } }, /retainKeys/],
] as const) {
  test(`refuses ${name}`, (t) => {
    t.throws(() => strategicMergePatch(schema, 'core/v1.PodSpec', { containers: names('a'), securityContext: {}, tolerations: [{ key: 'a' }], imagePullSecrets: [], nodeSelector: { a: {} } }, patch), { message });
  });
}

test('a patch twice is the patch once', (t) => {
  const items = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 }).map((list) => names(...list));
  fc.assert(fc.property(items, items, (original, containers) => {
    const once = strategicMergePatch(schema, 'core/v1.PodSpec', { containers: original }, { containers });
    t.deepEqual(strategicMergePatch(schema, 'core/v1.PodSpec', once, { containers }), once);
  }));
});
