import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { CONFIG_MAPS } from '#api/resources.ts';
import { ListEncoder } from '#apiserver/http/list-encoder.ts';
import { itemOf, type Item } from '#apiserver/outcome.ts';

const TYPE = { apiVersion: 'v1', kind: 'ConfigMap' };
const encoder = new ListEncoder();
const encoded = async (items: readonly Item[], resource: ResourceType = CONFIG_MAPS): Promise<string> =>
  Buffer.concat(await encoder.encode({ type: 'list', resource, metadata: { resourceVersion: '7' }, items })).toString();
const listOf = (items: readonly unknown[]) => ({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items });
const bare = (i: number) => ({ metadata: { name: `m${i}` }, data: { kind: 'ConfigMap', text: 'ä' } });

for (const count of [0, 1, 99, 100, 1_000, 1_001, 2_500]) {
  test(`a list of ${count} has all items in order, without their type, also the second time`, async (t) => {
    const items = Array.from({ length: count }, (_, i) => itemOf({ ...TYPE, ...bare(i) } as KubeObject));
    const expected = listOf(items.map((_, i) => bare(i)));
    t.deepEqual(JSON.parse(await encoded(items)), expected);
    t.deepEqual(JSON.parse(await encoded(items)), expected);
  });
}

for (const [name, object] of [
  ['kind first', { kind: 'ConfigMap', apiVersion: 'v1', ...bare(0) }],
  ['the type last', { ...bare(0), ...TYPE }],
  ['no type', bare(0)],
  ['no more than a part of the text that the type makes', { metadata: { name: 'm' } }],
  ['the type of another version', { apiVersion: 'v2', kind: 'ConfigMap', ...bare(0) }],
] as const) {
  test(`an item with ${name} goes without it`, async (t) => {
    const { kind: _k, apiVersion: _v, ...rest } = object as Partial<typeof TYPE>;
    t.deepEqual(JSON.parse(await encoded([itemOf(object as unknown as KubeObject)])), listOf([rest]));
  });
}

test('items of custom resources keep their type, and their lists say that nothing follows', async (t) => {
  const item = { ...TYPE, ...bare(0) };
  const custom = { ...CONFIG_MAPS, custom: {} } as unknown as ResourceType;
  t.deepEqual(JSON.parse(await encoded([itemOf(item as KubeObject), itemOf(item as KubeObject)], custom)), { ...listOf([item, item]), metadata: { continue: '', resourceVersion: '7' } });
});

test('while a long list is encoded other work has its turn', async (t) => {
  const items = Array.from({ length: 3_000 }, (_, i) => itemOf({ ...TYPE, ...bare(i) } as KubeObject));
  let turns = 0;
  const tick = (): void => {
    turns += 1;
    immediate = setImmediate(tick);
  };
  let immediate = setImmediate(tick);
  await encoded(items);
  clearImmediate(immediate);
  t.true(turns >= 2);
});
