import test from 'ava';
import { CONFIG_MAPS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { ListEncoder } from '#apiserver/http/list-encoder.ts';
import { itemOf } from '#apiserver/outcome.ts';

const CUSTOM = { ...CONFIG_MAPS, group: 'example.org', kind: 'Widget', custom: {} } as unknown as ResourceType;
const decoded = (resource: ResourceType, objects: readonly object[]): unknown =>
  JSON.parse(Buffer.concat([...new ListEncoder().encode({ type: 'list', resource, metadata: { resourceVersion: '7' }, items: objects.map((object) => itemOf(object as never)) })]).toString());
const named = (name: string) => ({ metadata: { name } });

test('items of built-in kinds do not repeat what the list says of their type, in whatever order it stands', (t) => {
  const objects = [{ kind: 'ConfigMap', apiVersion: 'v1', ...named('a') }, { apiVersion: 'v1', kind: 'ConfigMap', ...named('b') }, { ...named('c'), kind: 'ConfigMap', apiVersion: 'v1' }];
  t.deepEqual(decoded(CONFIG_MAPS, objects), { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items: [named('a'), named('b'), objects[2]] });
  t.deepEqual(decoded(CONFIG_MAPS, []), { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items: [] });
});

test('items of custom resources keep their type', (t) => {
  const objects = [{ kind: 'Widget', apiVersion: 'example.org/v1', ...named('a') }, { kind: 'Widget', apiVersion: 'example.org/v1', ...named('b') }];
  t.deepEqual(decoded(CUSTOM, objects), { kind: 'WidgetList', apiVersion: 'example.org/v1', metadata: { resourceVersion: '7' }, items: objects });
});

test('a long list that did not change is joined once', (t) => {
  const encoder = new ListEncoder();
  const items = Array.from({ length: 200 }, (_, i) => itemOf({ kind: 'ConfigMap', apiVersion: 'v1', ...named(`n${i}`) } as never));
  const join = () => encoder.encode({ type: 'list', resource: CONFIG_MAPS, metadata: {}, items })[1];
  t.is(join(), join());
});
