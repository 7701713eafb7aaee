import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WebSocket } from 'ws';
import { ask, CONFIG_MAPS, configMap, make, type PlaneContext, withPlane } from '#test/support/rule-table.ts';
import { apiRequest } from '#test/support/api-request.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

interface Event { readonly type: string; readonly object: any }
const eventsOf = (text: string): readonly Event[] => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Event);
/** All that a watch tells until it has told enough. */
async function watch({ plane }: PlaneContext, path: string, isEnough: (events: readonly Event[]) => boolean, headers: Readonly<Record<string, string>> = {}): Promise<readonly Event[]> {
  const answer = await apiRequest(plane, path, { headers, until: (body) => body.toString().endsWith('\n') && isEnough(eventsOf(body.toString())) });
  return eventsOf(answer.body.toString());
}
const told = (events: readonly Event[]): readonly string[] => events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());
async function namespaceOf(t: ExecutionContext<PlaneContext>, name: string): Promise<string> {
  await make(t, t.context.plane, '/api/v1/namespaces', { metadata: { name } });
  return `/api/v1/namespaces/${name}/configmaps`;
}

test('a watch ends by its timeout', async (t) => {
  const answer = await ask(t.context.plane, { path: `${CONFIG_MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone` });
  t.is(answer.status, 200);
  t.is(answer.headers['transfer-encoding'], 'chunked');
  t.is(answer.body.length, 0);
});

test('the end of the initial events is marked for those who take bookmarks, and for nobody else', async (t) => {
  const path = await namespaceOf(t, 'initial');
  await make(t, t.context.plane, path, configMap('a'));
  const asked = 'watch=true&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const events = await watch(t.context, `${path}?${asked}&allowWatchBookmarks=true`, (all) => all.some(({ type }) => type === 'BOOKMARK'));
  t.deepEqual(told(events), ['ADDED a', 'BOOKMARK']);
  t.is(events.at(-1)?.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  t.deepEqual(told(eventsOf((await ask(t.context.plane, { path: `${path}?${asked}` })).body.toString())), ['ADDED a']);
  // A watch from the start begins with them in any case.
  for (const version of ['', '&resourceVersion=0']) {
    const [, mark] = await watch(t.context, `${path}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true${version}`, (all) => all.some(({ type }) => type === 'BOOKMARK'));
    t.deepEqual(mark?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  }
  // Those of the old paths mark no end.
  const { body } = await ask(t.context.plane, { path: `${path.replace('/v1/', '/v1/watch/')}?timeoutSeconds=1&allowWatchBookmarks=true` });
  t.deepEqual(eventsOf(body.toString()).map(({ object }) => object.metadata.annotations), [undefined]);
});

test('the object of a bookmark has what Go writes of an empty one', async (t) => {
  const path = '/api/v1/namespaces/default/pods?watch=true&allowWatchBookmarks=true';
  const [mark] = await watch(t.context, path, (all) => all.length === 1);
  t.like(mark, { type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', spec: { containers: null }, status: {} } });
});

test('a state that is not there in time is told of by an event', async (t) => {
  const path = `${CONFIG_MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=9223372036854775807`;
  const answer = await ask(t.context.plane, { path });
  t.is(answer.status, 200);
  const [event] = eventsOf(answer.body.toString());
  t.like(event, { type: 'ERROR', object: { kind: 'Status', reason: 'Timeout', code: 504 } });
  t.regex(event?.object.message, /^Timeout: Too large resource version: 9223372036854775807, current: \d+$/);
});

test('selectors: what comes into one is ADDED, what leaves it DELETED with its last state and the version of its leaving', async (t) => {
  const { plane } = t.context;
  const path = await namespaceOf(t, 'selected');
  const made = await make(t, plane, path, configMap('a', { metadata: { labels: { on: 'no' } } }));
  const patch = async (body: object): Promise<any> => (await ask(plane, { method: 'PATCH', path: `${path}/a`, type: 'application/merge-patch+json', body })).json;
  await patch({ metadata: { labels: { on: 'yes' } } });
  await patch({ data: { a: '1' } });
  const left = await patch({ metadata: { labels: { on: 'no' } } });
  const events = await watch(t.context, `${path}?watch=true&resourceVersion=${made.metadata.resourceVersion}&labelSelector=on%3Dyes`, (all) => all.length === 3);
  t.deepEqual(told(events), ['ADDED a', 'MODIFIED a', 'DELETED a']);
  t.like(events[2]?.object, { data: { a: '1' }, metadata: { labels: { on: 'yes' }, resourceVersion: left.metadata.resourceVersion } });
});

test('a deletion tells the last state with the version of the deletion', async (t) => {
  const { plane } = t.context;
  const path = await namespaceOf(t, 'deleted');
  const made = await make(t, plane, path, configMap('a', { data: { a: '1' } }));
  await ask(plane, { method: 'DELETE', path: `${path}/a` });
  const [event] = await watch(t.context, `${path}?watch=true&resourceVersion=${made.metadata.resourceVersion}`, (all) => all.length === 1);
  t.is(event?.type, 'DELETED');
  t.deepEqual(event?.object.data, { a: '1' });
  t.is(event?.object.metadata.deletionTimestamp, undefined);
  t.true(Number(event?.object.metadata.resourceVersion) > Number(made.metadata.resourceVersion));
});

test('the update that takes the last finalizer away is answered, and the object goes as it was stored', async (t) => {
  const { plane } = t.context;
  const path = await namespaceOf(t, 'finalized');
  await make(t, plane, path, configMap('a', { data: { a: '1' }, metadata: { finalizers: ['example.com/a'] } }));
  const marked = (await ask(plane, { method: 'DELETE', path: `${path}/a` })).json;
  const patched = await ask(plane, { method: 'PATCH', path: `${path}/a`, type: 'application/merge-patch+json', body: { metadata: { finalizers: null }, data: { a: '2' } } });
  t.like(patched.json, { data: { a: '2' }, metadata: { resourceVersion: marked.metadata.resourceVersion, finalizers: undefined } });
  const [event] = await watch(t.context, `${path}?watch=true&resourceVersion=${marked.metadata.resourceVersion}`, (all) => all.length === 1);
  t.like(event, { type: 'DELETED', object: { data: { a: '1' }, metadata: { finalizers: ['example.com/a'] } } });
  t.true(Number(event?.object.metadata.resourceVersion) > Number(marked.metadata.resourceVersion));
});

test('the old paths of watches', async (t) => {
  const { plane } = t.context;
  const path = await namespaceOf(t, 'prefixed');
  for (const name of ['a', 'b']) await make(t, plane, path, configMap(name));
  t.deepEqual(told(await watch(t.context, '/api/v1/watch/namespaces/prefixed/configmaps', (all) => all.length === 2)), ['ADDED a', 'ADDED b']);
  t.deepEqual(told(await watch(t.context, '/api/v1/watch/namespaces/prefixed/configmaps/b', (all) => all.length === 1)), ['ADDED b']);
  t.true(told(await watch(t.context, '/api/v1/watch/namespaces', (all) => all.length >= 4)).includes('ADDED default'));
  t.deepEqual(told(await watch(t.context, '/api/v1/watch/namespaces/prefixed/configmaps/b?fieldSelector=metadata.name%3Db', (all) => all.length === 1)), ['ADDED b']);
  for (const selector of ['metadata.name%3Da', 'metadata.namespace%3Dprefixed']) {
    const refused = await ask(plane, { path: `/api/v1/watch/namespaces/prefixed/configmaps/b?fieldSelector=${selector}` });
    t.deepEqual([refused.status, refused.json.message], [400, "fieldSelector metadata.name doesn't match requested name"]);
  }
  t.is((await ask(plane, { method: 'POST', path: '/api/v1/watch/namespaces/prefixed/configmaps', body: {} })).status, 405);
  t.is((await ask(plane, { path: '/api/v1/watch' })).status, 404);
});

test('watches of Tables and of bare metadata', async (t) => {
  const path = await namespaceOf(t, 'formed');
  await make(t, t.context.plane, path, configMap('a'));
  const [table] = await watch(t.context, `${path}?watch=true`, (all) => all.length === 1, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  t.like(table?.object, { kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
  t.is(table?.object.rows[0].cells[0], 'a');
  const [partial] = await watch(t.context, `${path}?watch=true`, (all) => all.length === 1, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' });
  t.like(partial?.object, { kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
});

test('the end of the initial events is marked in a Table too, by a row without a name, with metadata whatever is asked for', async (t) => {
  const { plane } = t.context;
  const path = await namespaceOf(t, 'tabled');
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const stream = '?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1';
  const [first] = eventsOf((await ask(plane, { path: `${path}${stream}`, headers: { accept } })).body.toString());
  t.like(first, { type: 'BOOKMARK', object: { kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: [{ cells: ['', 0, '<unknown>'], object: { kind: 'PartialObjectMetadata', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } }] } });
  t.deepEqual(first?.object.columnDefinitions.map(({ name }: { readonly name: string }) => name), ['Name', 'Data', 'Age']);
  for (const name of ['a', 'b']) await make(t, plane, path, configMap(name));
  const told = eventsOf((await ask(plane, { path: `${path}${stream}&includeObject=None`, headers: { accept } })).body.toString());
  t.deepEqual(told.map(({ type, object: { columnDefinitions: columns, rows } }) => [type, columns?.length, rows[0].cells[0], rows[0].object?.metadata.annotations]), [
    ['ADDED', 3, 'a', undefined], ['ADDED', undefined, 'b', undefined], ['BOOKMARK', undefined, '', { 'k8s.io/initial-events-end': 'true' }],
  ]);
  t.is(told[0]?.object.rows[0].object, null);
});

const open = ({ plane }: PlaneContext, path: string, protocols: readonly string[] = []): WebSocket =>
  new WebSocket(`wss://127.0.0.1:${plane.port}${path}`, [...protocols], { ca: plane.pki.ca, cert: plane.pki.admin.cert, key: plane.pki.admin.key });

test('a watch over a WebSocket: a message for each event, and a close when it is over', async (t) => {
  const path = await namespaceOf(t, 'socket');
  for (const name of ['a', 'b']) await make(t, t.context.plane, path, configMap(name));
  const socket = open(t.context, `${path}?watch=true&timeoutSeconds=1`);
  const messages: Event[] = [];
  socket.on('message', (data, isBinary) => {
    t.false(isBinary);
    messages.push(JSON.parse((data as Buffer).toString()) as Event);
  });
  const code = await new Promise<number>((resolve, reject) => socket.once('close', resolve).once('error', reject));
  t.is(code, 1000);
  t.deepEqual(told(messages), ['ADDED a', 'ADDED b']);
});

test('what a WebSocket cannot watch is answered over HTTP', async (t) => {
  for (const { path, status } of [{ path: `${CONFIG_MAPS}?watch=true&resourceVersion=abc`, status: 500 }, { path: `${CONFIG_MAPS}?watch=true&fieldSelector=data.a%3Db`, status: 400 }]) {
    const socket = open(t.context, path);
    const answered = await new Promise<number>((resolve) => {
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0)).on('error', () => undefined);
    });
    t.is(answered, status);
    socket.terminate();
  }
});
