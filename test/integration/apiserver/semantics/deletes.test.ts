import anyTest, { type TestFn } from 'ava';
import { ask, CONFIG_MAPS, configMap, make, type PlaneContext, type Told, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test, (plane) => ask(plane, { method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts', body: { metadata: { name: 'default' } } }));

const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const PODS = '/api/v1/namespaces/default/pods';
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
const remove = ({ plane }: PlaneContext, path: string, body?: object): Promise<Told> => ask(plane, { method: 'DELETE', path, ...(body ? { body } : {}) });

for (const { policy, finalizers, warns } of [
  { policy: undefined, finalizers: ['orphan'], warns: true },
  { policy: 'Orphan', finalizers: ['orphan'], warns: false },
  { policy: 'Foreground', finalizers: ['foregroundDeletion'], warns: false },
  { policy: 'Background', finalizers: undefined, warns: false },
]) {
  test(`a job and its pods, deleted by the policy ${policy ?? '(none)'}`, async (t) => {
    const name = `job-${(policy ?? 'none').toLowerCase()}`;
    await make(t, t.context.plane, JOBS, { metadata: { name }, spec: { template } });
    const told = await remove(t.context, `${JOBS}/${name}`, policy ? { propagationPolicy: policy } : undefined);
    t.is(told.status, 200);
    t.is(told.headers['warning'] !== undefined, warns);
    if (finalizers === undefined) t.like(told.json, { kind: 'Status', status: 'Success', details: { name, group: 'batch', kind: 'jobs' } });
    else t.like(told.json, { kind: 'Job', metadata: { finalizers, deletionGracePeriodSeconds: 0 } });
  });
}

test('the old way to let the dependents go first is answered with 202 while the object stays', async (t) => {
  await make(t, t.context.plane, CONFIG_MAPS, configMap('held', { metadata: { finalizers: ['example.com/hold'] } }));
  t.is((await remove(t.context, `${CONFIG_MAPS}/held`, { orphanDependents: false })).status, 202);
});

for (const { rule, query = '', options, message } of [
  { rule: 'an empty UID', options: { preconditions: { uid: '' } }, message: /^Operation cannot be fulfilled on ConfigMap "wanted": the UID in the precondition \(\) does not match/ },
  { rule: 'an empty version', options: { preconditions: { resourceVersion: '' } }, message: /the ResourceVersion in the precondition \(\) does not match/ },
  { rule: 'a UID in the query', query: '?uid=x', message: /the UID in the precondition \(x\) does not match/ },
  { rule: 'a version in the query', query: '?resourceVersion=1', message: /the ResourceVersion in the precondition \(1\) does not match/ },
]) {
  test.serial(`${rule} is one that no object has`, async (t) => {
    await ask(t.context.plane, { method: 'POST', path: CONFIG_MAPS, body: configMap('wanted') });
    const told = await remove(t.context, `${CONFIG_MAPS}/wanted${query}`, options);
    t.is(told.status, 409);
    t.regex(told.json.message, message);
  });
}

test('the time of grace of a pod begins with the first deletion, and later ones can only shorten it', async (t) => {
  const { plane } = t.context;
  await make(t, plane, PODS, { metadata: { name: 'graceful' }, spec: { ...template.spec, nodeName: 'n', terminationGracePeriodSeconds: 10 } });
  const path = `${PODS}/graceful`;
  const first = await remove(t.context, path, { gracePeriodSeconds: 100 });
  t.like(first.json, { kind: 'Pod', metadata: { deletionGracePeriodSeconds: 100 } });
  for (const again of [undefined, { gracePeriodSeconds: 200 }]) t.deepEqual((await remove(t.context, path, again)).json.metadata, first.json.metadata);
  const shorter = (await remove(t.context, path, { gracePeriodSeconds: 40 })).json.metadata;
  t.is(shorter.deletionGracePeriodSeconds, 40);
  t.is(Date.parse(first.json.metadata.deletionTimestamp) - Date.parse(shorter.deletionTimestamp), 60_000);
  t.is((await remove(t.context, path, { gracePeriodSeconds: -1 })).json.metadata.deletionGracePeriodSeconds, 1);
  t.is((await remove(t.context, path, { gracePeriodSeconds: 0 })).status, 200);
  t.is((await ask(plane, { path })).status, 404);
});

test('a collection: what the selectors and the limit choose goes, and the answer lists it as it was', async (t) => {
  const { plane } = t.context;
  await make(t, plane, '/api/v1/namespaces', { metadata: { name: 'many' } });
  const path = '/api/v1/namespaces/many/configmaps';
  for (const name of ['a', 'b', 'c']) await make(t, plane, path, configMap(name, { metadata: { labels: { kept: String(name === 'c') } } }));
  const names = ({ json }: Told): readonly string[] => json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  t.deepEqual(names(await remove(t.context, `${path}?dryRun=All`)), ['a', 'b', 'c']);
  t.is((await remove(t.context, `${path}?resourceVersionMatch=Exact`)).status, 422);
  t.deepEqual(names(await remove(t.context, `${path}?limit=1`)), ['a']);
  const gone = await remove(t.context, `${path}?labelSelector=kept%3Dfalse`);
  t.is(gone.json.kind, 'ConfigMapList');
  t.deepEqual(names(gone), ['b']);
  t.deepEqual(names(await ask(plane, { path })), ['c']);
});

test('pages of a list with a version show that version; the token of a page goes on at it', async (t) => {
  const { plane } = t.context;
  await make(t, plane, '/api/v1/namespaces', { metadata: { name: 'paged' } });
  const path = '/api/v1/namespaces/paged/configmaps';
  for (const name of ['a', 'b']) await make(t, plane, path, configMap(name));
  const { resourceVersion } = (await ask(plane, { path })).json.metadata;
  await make(t, plane, path, configMap('c'));
  const page = (await ask(plane, { path: `${path}?limit=1&resourceVersion=${resourceVersion}` })).json;
  t.like(page.metadata, { resourceVersion, remainingItemCount: 1 });
  const rest = (await ask(plane, { path: `${path}?continue=${page.metadata.continue}` })).json;
  t.deepEqual(rest.items.map((item: { metadata: { name: string } }) => item.metadata.name), ['b']);
  t.is(rest.metadata.resourceVersion, resourceVersion);
  t.is((await ask(plane, { path: `${path}?continue=${page.metadata.continue}&resourceVersion=${resourceVersion}` })).json.message, 'specifying resource version is not allowed when using continue');
  t.is((await ask(plane, { path: `${path}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact` })).json.items.length, 2);
  t.is((await ask(plane, { path: `${path}?resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan&limit=5` })).json.items.length, 3);
});

const NAMED: readonly (readonly [string, object])[] = [
  ['/apis/storage.k8s.io/v1/storageclasses', { provisioner: 'example.com/p' }],
  ['/apis/storage.k8s.io/v1/volumeattributesclasses', { driverName: 'example.com', parameters: { a: 'b' } }],
  ['/apis/storage.k8s.io/v1/volumeattachments', { spec: { attacher: 'example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } } }],
  ['/apis/storage.k8s.io/v1/csidrivers', { spec: {} }],
  ['/apis/storage.k8s.io/v1/csinodes', { spec: { drivers: [] } }],
  ['/apis/resource.k8s.io/v1/deviceclasses', { spec: {} }],
  ['/apis/resource.k8s.io/v1/resourceslices', { spec: { driver: 'example.com', pool: { name: 'p', resourceSliceCount: 1 }, allNodes: true } }],
  ['/apis/resource.k8s.io/v1/namespaces/default/resourceclaims', { spec: {} }],
  ['/apis/resource.k8s.io/v1/namespaces/default/resourceclaimtemplates', { spec: { spec: {} } }],
];
for (const [path, content] of NAMED) {
  test(`what is deleted of ${path.split('/').at(-1)} is shown once more`, async (t) => {
    const { kind, metadata } = await make(t, t.context.plane, path, { metadata: { name: 'shown' }, ...content });
    const told = await remove(t.context, `${path}/shown`);
    t.is(told.status, 200);
    t.like(told.json, { kind, metadata: { name: 'shown', uid: metadata.uid } });
    t.is((await ask(t.context.plane, { path: `${path}/shown` })).status, metadata.finalizers ? 200 : 404);
  });
}
