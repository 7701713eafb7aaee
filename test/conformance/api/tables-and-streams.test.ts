import { CRON_JOBS, NODES, POD_TEMPLATES, PODS, SECRETS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { becomes, newPod } from './support/workloads.ts';

const TABLES = '[sig-api-machinery] Servers with support for Table transformation';
const TABLE = 'application/json;as=Table;v=v1beta1;g=meta.k8s.io';

interface Table {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: { readonly kind: string; readonly apiVersion: string; readonly metadata: { readonly name: string } } }[];
}

async function tableOf({ t, api }: Scene, path: string): Promise<Table> {
  const table = await api.document<Table>(path, TABLE);
  t.is(table.kind, 'Table');
  t.is(table.apiVersion, 'meta.k8s.io/v1beta1');
  t.is(table.columnDefinitions[0]?.name, 'Name');
  for (const { cells } of table.rows) t.is(cells.length, table.columnDefinitions.length);
  return table;
}

behaviour(`${TABLES} should return pod details`, async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(PODS, newPod('pod-1'), { namespace });
  const { columnDefinitions, rows } = await tableOf(scene, `/api/v1/namespaces/${namespace}/pods/pod-1`);
  t.true(columnDefinitions.length > 2);
  t.is(rows.length, 1);
  t.is(rows[0]?.cells[0], 'pod-1');
  t.like(rows[0]?.object, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1', metadata: { name: 'pod-1' } });
});

behaviour(`${TABLES} should return chunks of table results for list calls`, async (scene) => {
  const { t, api, namespace } = scene;
  const path = `/api/v1/namespaces/${namespace}/podtemplates`;
  const template = { metadata: {}, spec: { containers: [{ name: 'test', image: 'test2' }] } };
  await Promise.all(Array.from({ length: 20 }, (_, i) => api.create(POD_TEMPLATES, { metadata: { name: `template-${String(i).padStart(4, '0')}` }, template }, { namespace })));
  const first = await tableOf(scene, `${path}?limit=2`);
  t.deepEqual(first.rows.map(({ cells }) => cells[0]), ['template-0000', 'template-0001']);
  t.truthy(first.metadata.resourceVersion);
  t.is(first.metadata.remainingItemCount, 18);
  const rest = await tableOf(scene, `${path}?continue=${first.metadata.continue}`);
  t.is(rest.rows[0]?.cells[0], 'template-0002');
  t.is(rest.rows.length, 18);
  t.is(rest.metadata.resourceVersion, first.metadata.resourceVersion);
  t.falsy(rest.metadata.continue);
});

behaviour(`${TABLES} should return generic metadata details across all namespaces for nodes`, async (scene) => {
  const { t, api } = scene;
  const { columnDefinitions, rows, metadata } = await tableOf(scene, '/api/v1/nodes');
  t.true(columnDefinitions.length >= 2);
  t.deepEqual(rows.map(({ cells }) => cells[0]), (await api.list(NODES)).items.map((node) => node.metadata.name));
  t.truthy(metadata.resourceVersion);
});

const STREAM = { allowWatchBookmarks: true, resourceVersionMatch: 'NotOlderThan', sendInitialEvents: true };
const STREAM_QUERY = new URLSearchParams(Object.entries(STREAM).map(([key, value]): [string, string] => [key, String(value)])).toString();

behaviour("[sig-api-machinery] API Streaming (aka. WatchList) should be requested by informers when WatchListClient is enabled", async (scene) => {
  const { t, api, namespace } = scene;
  const made = [];
  for (let i = 1; i <= 5; i++) made.push(await api.create(SECRETS, { metadata: { name: `secret-${i}` } }, { namespace }));
  const watch = await api.watch(SECRETS, { namespace, query: STREAM });
  t.teardown(() => watch.close());
  const streamed = [];
  for (;;) {
    const event = await watch.next();
    if (event.type === 'BOOKMARK') {
      t.is(event.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
      const { items } = await api.list(SECRETS, { namespace, query: { resourceVersion: event.object.metadata.resourceVersion ?? '', resourceVersionMatch: 'Exact' } });
      t.deepEqual(items.map(untyped), made.map(untyped));
      break;
    }
    t.is(event.type, 'ADDED');
    streamed.push(event.object);
  }
  t.deepEqual(streamed.map(untyped), made.map(untyped));
  await api.patch(SECRETS, 'secret-1', 'merge', { stringData: { foo: 'bar' } }, { namespace });
  t.is((await watch.type('MODIFIED', 'secret-1')).object.data?.['foo'], Buffer.from('bar').toString('base64'));
});

/** Items of lists say nothing of their type. */
const untyped = (object: { readonly apiVersion?: string; readonly kind?: string; readonly metadata: object }) => ({ ...object, apiVersion: undefined, kind: undefined });

behaviour('[sig-api-machinery] API Streaming (aka. WatchList) should stream metadata to metadata informers', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(SECRETS, { metadata: { name: 'secret-1' }, stringData: { a: 'b' } }, { namespace });
  const path = `/api/v1/namespaces/${namespace}/secrets?watch=true&${STREAM_QUERY}&timeoutSeconds=1`;
  const answer = await api.raw(path, { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' });
  const [added, bookmark] = answer.body.toString().trim().split('\n').map((line) => JSON.parse(line) as { readonly type: string; readonly object: { readonly kind: string; readonly apiVersion: string; readonly metadata: object } });
  t.like(added, { type: 'ADDED', object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', data: undefined } } as object);
  t.like(bookmark, { type: 'BOOKMARK', object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } } as object);
});

behaviour('[sig-api-machinery] API Streaming (aka. WatchList) server supports sending resources in Table format', async ({ t, api, namespace }) => {
  for (let i = 1; i <= 3; i++) await api.create(SECRETS, { metadata: { name: `secret-${i}` } }, { namespace });
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const answer = await api.raw(`${path}?watch=true&${STREAM_QUERY}&timeoutSeconds=1`, { accept: TABLE });
  const events = answer.body.toString().trim().split('\n').map((line) => JSON.parse(line) as { readonly type: string; readonly object: { readonly columnDefinitions: unknown; readonly rows: readonly { readonly object: { readonly metadata: KubeObject['metadata'] } }[] } });
  for (const [i, { type, object }] of events.slice(0, -1).entries()) {
    const got = JSON.parse((await api.raw(`${path}/secret-${i + 1}`, { accept: TABLE })).body.toString()) as typeof object;
    t.is(type, 'ADDED');
    t.deepEqual(withoutAge(object), withoutAge(i === 0 ? got : { ...got, columnDefinitions: null }));
  }
  const mark = events.at(-1);
  t.is(mark?.type, 'BOOKMARK');
  t.deepEqual(mark?.object.rows.map(({ object }) => object.metadata.annotations?.['k8s.io/initial-events-end']), ['true']);
});

/** Its last cell is another at each moment. */
const withoutAge = <T extends { readonly rows: readonly object[] }>(table: T): object => ({ ...table, rows: table.rows.map((row) => ({ ...row, cells: (row as { readonly cells: readonly unknown[] }).cells.slice(0, -1) })) });

const CLIENTSET = '[sig-api-machinery] Generated clientset';

/** Lists at and watches from what a typed client was told last. */
async function observes<T extends ResourceType>(scene: Scene, resource: T, object: Parameters<Scene['api']['create']>[1]) {
  const { t, api, namespace, unique } = scene;
  const labels = { time: unique('t') };
  const query = { labelSelector: `time=${labels.time}` };
  const before = await api.list(resource, { namespace, query });
  t.deepEqual(before.items, []);
  const watch = await api.watch(resource, { namespace, query: { ...query, resourceVersion: before.metadata.resourceVersion ?? '' } });
  t.teardown(() => watch.close());
  const made = await api.create(resource, { ...object, metadata: { name: unique('made'), labels } }, { namespace });
  t.is((await api.list(resource, { namespace, query: { ...query, resourceVersion: made.metadata.resourceVersion ?? '' } })).items.length, 1);
  t.is((await watch.next()).type, 'ADDED');
  return { name: made.metadata.name, watch, query };
}

behaviour(`${CLIENTSET} should create pods, set the deletionTimestamp and deletionGracePeriodSeconds of the pod`, async (scene) => {
  const { t, api, namespace } = scene;
  const { name, watch } = await observes(scene, PODS, newPod('any', {}, { terminationGracePeriodSeconds: 30 }));
  await becomes(scene, PODS, name, ({ status }) => status?.phase === 'Running', 'to run');
  await api.delete(PODS, name, { namespace, options: { gracePeriodSeconds: 31 } });
  const { object } = await watch.next((event) => event.object.metadata.deletionTimestamp !== undefined, 'the pod to be deleted gracefully');
  t.is(object.metadata.deletionGracePeriodSeconds, 31);
});

behaviour(`${CLIENTSET} should create v1 cronJobs, delete cronJobs, watch cronJobs`, async (scene) => {
  const { t, api, namespace } = scene;
  const podSpec = { restartPolicy: 'OnFailure', volumes: [{ name: 'data', emptyDir: {} }], containers: [{ name: 'c', image: 'example.org/none:1', volumeMounts: [{ mountPath: '/data', name: 'data' }] }] };
  const { name, query } = await observes(scene, CRON_JOBS, { metadata: {}, spec: { schedule: '*/1 * * * ?', concurrencyPolicy: 'Allow', jobTemplate: { spec: { parallelism: 1, completions: 1, template: { spec: podSpec } } } } });
  await api.delete(CRON_JOBS, name, { namespace, options: { propagationPolicy: 'Background' } });
  t.deepEqual((await api.list(CRON_JOBS, { namespace, query })).items, []);
});

const CHUNKING = '[sig-api-machinery] Servers with support for API chunking';
/** More than the window of a resource keeps, so that what the first page showed is forgotten. */
const WRITES = 2_500;

behaviour(`${CHUNKING} should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow] [Conformance]`, async ({ t, api, namespace }) => {
  const total = 40;
  const limit = 10;
  const name = (i: number): string => `template-${String(i).padStart(4, '0')}`;
  const template = { metadata: {}, spec: { containers: [{ name: 'test', image: 'test2' }] } };
  await Promise.all(Array.from({ length: total }, (_, i) => api.create(POD_TEMPLATES, { metadata: { name: name(i) }, template }, { namespace })));
  const page = (query: Readonly<Record<string, string>> = {}) => api.list(POD_TEMPLATES, { namespace, query: { limit, ...query } });
  const first = await page();
  const writers = Array.from({ length: 25 }, (_, i) => i);
  await Promise.all(writers.map(async (writer) => {
    for (let i = 0; i < WRITES / writers.length; i++) await api.patch(POD_TEMPLATES, name(writer), 'merge', { metadata: { annotations: { turn: String(i) } } }, { namespace });
  }));
  const gone = await api.failure(page({ continue: first.metadata.continue ?? '' }));
  t.is(gone.reason, 'Expired');
  t.is(gone.httpCode, 410);
  const seen = first.items.map((item) => item.metadata.name);
  let version: string | undefined;
  for (let token = gone.data.status.metadata?.continue; token !== undefined;) {
    const { items, metadata } = await page({ continue: token });
    version ??= metadata.resourceVersion;
    t.is(metadata.resourceVersion, version);
    seen.push(...items.map((item) => item.metadata.name));
    t.is(metadata.remainingItemCount ?? 0, total - seen.length);
    token = metadata.continue || undefined;
  }
  t.not(version, first.metadata.resourceVersion);
  t.deepEqual(seen, Array.from({ length: total }, (_, i) => name(i)));
});
