import { CONFIG_MAPS } from '#api/resources.ts';
import { behaviour } from './support/behaviour.ts';

behaviour('[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]', async ({ t, api, namespace }) => {
  const failure = await api.failure(api.create(CONFIG_MAPS, { metadata: { name: 'empty-key', namespace }, data: { '': 'value' } }));
  t.is(failure.reason, 'Invalid');
  t.is(failure.httpCode, 422);
});

behaviour('[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]', async ({ t, api, namespace }) => {
  const labels = { 'test-configmap-static': 'true' };
  const everywhere = { query: { labelSelector: 'test-configmap-static=true' } };
  const watch = await api.watch(CONFIG_MAPS, { namespace, ...everywhere });
  t.teardown(() => watch.close());
  await api.create(CONFIG_MAPS, { metadata: { name: 'lifecycle', namespace, labels }, data: { valueName: 'value' } });
  await watch.type('ADDED', 'lifecycle');

  await api.patch(CONFIG_MAPS, 'lifecycle', 'strategic', { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } }, { namespace });
  await watch.type('MODIFIED', 'lifecycle');
  const patched = await api.get(CONFIG_MAPS, 'lifecycle', { namespace });
  t.is(patched.metadata.labels?.['test-configmap'], 'patched');
  t.is(patched.data?.['valueName'], 'value1');

  const found = (await api.list(CONFIG_MAPS, everywhere)).items.filter((c) => c.metadata.namespace === namespace);
  t.deepEqual(found.map((c) => c.metadata.name), ['lifecycle']);
  await api.deleteCollection(CONFIG_MAPS, { namespace, ...everywhere });
  await watch.type('DELETED', 'lifecycle');
  t.deepEqual((await api.list(CONFIG_MAPS, { namespace, ...everywhere })).items, []);
});

behaviour('[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]', async ({ t, api, namespace }) => {
  const made = await api.create(CONFIG_MAPS, { metadata: { name: 'immutable', namespace }, data: { 'data-1': 'value-1' } });
  const changed = await api.update(CONFIG_MAPS, { ...made, data: { 'data-1': 'value-2' } });
  const sealed = await api.update(CONFIG_MAPS, { ...changed, immutable: true });
  for (const refused of [{ ...sealed, data: { 'data-1': 'value-3' } }, { ...sealed, immutable: undefined }, { ...sealed, immutable: false }]) {
    t.is((await api.failure(api.update(CONFIG_MAPS, refused))).reason, 'Invalid');
  }
  t.is((await api.update(CONFIG_MAPS, { ...sealed, metadata: { ...sealed.metadata, labels: { still: 'changeable' } } })).metadata.labels?.['still'], 'changeable');
  await api.delete(CONFIG_MAPS, 'immutable', { namespace });
  t.is((await api.failure(api.get(CONFIG_MAPS, 'immutable', { namespace }))).reason, 'NotFound');
});
