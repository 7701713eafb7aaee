import { CONFIG_MAPS, POD_TEMPLATES } from '#api/resources.ts';
import { behaviour } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';

behaviour('[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const KEY = 'watch-this-configmap';
  const [a, b] = ['multiple-watchers-A', 'multiple-watchers-B'];
  const watches = await Promise.all([`${KEY}=${a}`, `${KEY}=${b}`, `${KEY} in (${a},${b})`].map((labelSelector) => api.watch(CONFIG_MAPS, { namespace, query: { labelSelector } })));
  t.teardown(() => watches.forEach((watch) => watch.close()));
  const [first, second, name] = ['e2e-watch-test-configmap-a', 'e2e-watch-test-configmap-b', 'e2e-watch-test-configmap-c'];
  await api.create(CONFIG_MAPS, { metadata: { name: first, labels: { [KEY]: a } } }, { namespace });
  for (const mutation of ['1', '2']) await updateLatest(scene, CONFIG_MAPS, first, namespace, () => ({ data: { mutation } }));
  await api.delete(CONFIG_MAPS, first, { namespace });
  await api.create(CONFIG_MAPS, { metadata: { name: second, labels: { [KEY]: b } } }, { namespace });
  await api.delete(CONFIG_MAPS, second, { namespace });
  // What comes after all of it, for each to see that nothing else came.
  await api.create(CONFIG_MAPS, { metadata: { name, labels: { [KEY]: a } } }, { namespace });
  await api.patch(CONFIG_MAPS, name, 'merge', { metadata: { labels: { [KEY]: b } } }, { namespace });
  const ofA = [['ADDED', first, undefined], ['MODIFIED', first, '1'], ['MODIFIED', first, '2'], ['DELETED', first, '2']];
  const ofB = [['ADDED', second, undefined], ['DELETED', second, undefined]];
  const wanted = [[...ofA, ['ADDED', name, undefined], ['DELETED', name, undefined]], [...ofB, ['ADDED', name, undefined]], [...ofA, ...ofB, ['ADDED', name, undefined], ['MODIFIED', name, undefined]]];
  for (const [i, events] of wanted.entries()) {
    const seen = [];
    for (const _ of events) {
      const event = await watches[i]?.next();
      seen.push([event?.type, event?.object.metadata.name, event?.object.data?.['mutation']]);
    }
    t.deepEqual(seen, events);
  }
});

behaviour('[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]', async ({ t, api, namespace }) => {
  const name = 'e2e-watch-test-resource-version';
  const made = await api.create(CONFIG_MAPS, { metadata: { name, namespace } });
  const first = await api.update(CONFIG_MAPS, { ...made, data: { mutation: '1' } });
  await api.update(CONFIG_MAPS, { ...first, data: { mutation: '2' } });
  await api.delete(CONFIG_MAPS, name, { namespace });
  const watch = await api.watch(CONFIG_MAPS, { namespace, query: { resourceVersion: first.metadata.resourceVersion ?? '', fieldSelector: `metadata.name=${name}` } });
  t.teardown(() => watch.close());
  const modified = await watch.next();
  t.is(modified.type, 'MODIFIED');
  t.is(modified.object.data?.['mutation'], '2');
  t.is((await watch.next()).type, 'DELETED');
});

behaviour('[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]', async ({ t, api, namespace }) => {
  const name = 'e2e-watch-test-watch-closed';
  const query = { fieldSelector: `metadata.name=${name}` };
  const before = await api.watch(CONFIG_MAPS, { namespace, query });
  const made = await api.create(CONFIG_MAPS, { metadata: { name, namespace } });
  const first = await api.update(CONFIG_MAPS, { ...made, data: { mutation: '1' } });
  await before.type('ADDED');
  const last = await before.type('MODIFIED');
  before.close();
  await api.update(CONFIG_MAPS, { ...first, data: { mutation: '2' } });
  const after = await api.watch(CONFIG_MAPS, { namespace, query: { ...query, resourceVersion: last.object.metadata.resourceVersion ?? '' } });
  t.teardown(() => after.close());
  await api.delete(CONFIG_MAPS, name, { namespace });
  const modified = await after.next();
  t.is(modified.type, 'MODIFIED');
  t.is(modified.object.data?.['mutation'], '2');
  t.is((await after.next()).type, 'DELETED');
});

behaviour('[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'e2e-watch-test-label-changed';
  const label = (value: string) => ({ metadata: { labels: { 'watch-this-configmap': value } } });
  const watch = await api.watch(CONFIG_MAPS, { namespace, query: { labelSelector: 'watch-this-configmap=label-changed-and-restored' } });
  t.teardown(() => watch.close());
  await api.create(CONFIG_MAPS, { metadata: { name, namespace, labels: { 'watch-this-configmap': 'label-changed-and-restored' } } });
  await api.patch(CONFIG_MAPS, name, 'merge', { data: { mutation: '1' } }, { namespace });
  await api.patch(CONFIG_MAPS, name, 'merge', label('wrong-value'), { namespace });
  await api.patch(CONFIG_MAPS, name, 'merge', { data: { mutation: '2' } }, { namespace });
  await api.patch(CONFIG_MAPS, name, 'merge', label('label-changed-and-restored'), { namespace });
  await updateLatest(scene, CONFIG_MAPS, name, namespace, () => ({ data: { mutation: '3' } }));
  await api.delete(CONFIG_MAPS, name, { namespace });
  const seen: [string, string | undefined][] = [];
  for (let i = 0; i < 6; i++) {
    const { type, object } = await watch.next();
    seen.push([type, object.data?.['mutation']]);
  }
  t.deepEqual(seen, [['ADDED', undefined], ['MODIFIED', '1'], ['DELETED', '1'], ['ADDED', '2'], ['MODIFIED', '3'], ['DELETED', '3']]);
});

behaviour('[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]', async ({ t, api, namespace }) => {
  const rounds = 100;
  const { metadata } = await api.list(CONFIG_MAPS, { namespace });
  const writes = (async () => {
    const present: string[] = [];
    for (let i = 0; i < rounds; i++) {
      const name = present[i % 3];
      if (present.length < 5) {
        present.push(`cm-${i}`);
        await api.create(CONFIG_MAPS, { metadata: { name: `cm-${i}`, namespace } });
      } else if (name !== undefined && i % 4 !== 0) {
        await api.patch(CONFIG_MAPS, name, 'merge', { data: { mutation: String(i) } }, { namespace });
      } else {
        await api.delete(CONFIG_MAPS, present.shift() ?? '', { namespace });
      }
    }
  })();
  const isTested = (event: { readonly object: { readonly metadata: { readonly name: string } } }): boolean => event.object.metadata.name.startsWith('cm-');
  const first = await api.watch(CONFIG_MAPS, { namespace, query: { resourceVersion: metadata.resourceVersion ?? '' } });
  t.teardown(() => first.close());
  const order: (string | undefined)[] = [];
  const later: { readonly start: number; readonly watch: typeof first }[] = [];
  for (let i = 0; i < rounds; i++) {
    const { object } = await first.next(isTested, `event ${i}`);
    order.push(object.metadata.resourceVersion);
    if (i % 10 === 0) {
      const watch = await api.watch(CONFIG_MAPS, { namespace, query: { resourceVersion: object.metadata.resourceVersion ?? '' } });
      t.teardown(() => watch.close());
      later.push({ start: i + 1, watch });
    }
  }
  await writes;
  for (const { start, watch } of later) {
    for (const expected of order.slice(start)) t.is((await watch.next(isTested)).object.metadata.resourceVersion, expected);
  }
});

behaviour('[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]', async ({ t, api, namespace }) => {
  const total = 40;
  await Promise.all(Array.from({ length: total }, (_, i) => api.create(POD_TEMPLATES, {
    metadata: { name: `template-${String(i).padStart(4, '0')}`, namespace }, template: { metadata: { labels: { test: 'chunking' } }, spec: { containers: [{ name: 'test', image: 'test2' }] } },
  })));
  const seen: string[] = [];
  let token = '';
  let version: string | undefined;
  for (const limit of [7, 7, 17, 5, 20]) {
    const page = await api.list(POD_TEMPLATES, { namespace, query: { limit, ...(token ? { continue: token } : {}) } });
    t.true(page.items.length <= limit);
    version ??= page.metadata.resourceVersion;
    t.is(page.metadata.resourceVersion, version);
    seen.push(...page.items.map((item) => item.metadata.name));
    token = page.metadata.continue ?? '';
    t.is(page.metadata.remainingItemCount ?? 0, total - seen.length);
    if (token === '') break;
  }
  t.is(seen.length, total);
  t.deepEqual(seen, seen.toSorted());
  const whole = await api.list(POD_TEMPLATES, { namespace });
  t.deepEqual(whole.items.map((item) => item.metadata.name), seen);
});
