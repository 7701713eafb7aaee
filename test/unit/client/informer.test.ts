import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { ConfigMap } from '#api/generated/core/v1.ts';
import { CONFIG_MAPS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiRequest, WatchEvent } from '#api/transport.ts';
import { createClient } from '#client/create-client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Transport } from '#client/transport.ts';

const map = (name: string, resourceVersion: string, uid = `uid-${name}`): ConfigMap =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name, uid, resourceVersion, ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'owner-1', controller: true }] } });
const listOf = (resourceVersion: string, ...items: ConfigMap[]): object => ({ apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion }, items });
const expired: WatchEvent = { type: 'ERROR', object: new StatusError('Expired', 'too old').data.status as never };

/** Answers lists and watches from a script; the last watch stays open. */
function scripted(lists: readonly object[], watches: readonly (readonly WatchEvent[])[]) {
  const versions: string[] = [];
  let listed = 0;
  const transport: Transport = {
    request: () => {
      const body = lists[Math.min(listed++, lists.length - 1)];
      return Promise.resolve({ status: (body as { readonly code?: number }).code ?? 200, body });
    },
    async *watch(request: ApiRequest) {
      versions.push(request.query?.['resourceVersion'] ?? '');
      const script = watches[versions.length - 1];
      if (script) return yield* script;
      await systemClock.sleep(3_600_000, request.signal).catch(() => {});
    },
    close() {},
  };
  return { transport, versions };
}

async function run(lists: readonly object[], watches: readonly (readonly WatchEvent[])[]) {
  const { transport, versions } = scripted(lists, watches);
  const factory = createInformerFactory({ client: createClient(transport), log: silentLogger, clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 1), signal) } });
  const informer = factory.informer(CONFIG_MAPS);
  factory.addIndex(informer, 'owner', ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid));
  const told: string[] = [];
  informer.subscribe({
    onAdd: (o) => told.push(`add ${o.metadata.name}@${o.metadata.resourceVersion}`),
    onUpdate: (o, old) => told.push(`update ${o.metadata.name}@${old.metadata.resourceVersion}->${o.metadata.resourceVersion}`),
    onDelete: (o) => told.push(`delete ${o.metadata.name}`),
  });
  const stop = new AbortController();
  factory.start(stop.signal);
  await factory.synced();
  while (versions.length <= watches.length) await systemClock.sleep(1);
  stop.abort();
  return { told, versions, informer };
}

test('tells adds, updates and deletes in order and resumes at the last version', async (t) => {
  const { told, versions } = await run(
    [listOf('5', map('a', '3'), map('b', '5'))],
    [[{ type: 'MODIFIED', object: map('a', '6') }, { type: 'DELETED', object: map('b', '7') }], [{ type: 'BOOKMARK', object: map('', '20') }]],
  );
  t.deepEqual(told, ['add a@3', 'add b@5', 'update a@3->6', 'delete b']);
  t.deepEqual(versions, ['5', '7', '20']);
});

test('a list that comes in pages is taken as one: only what is in none of them is gone', async (t) => {
  const page = { ...listOf('30', map('a', '3'), map('c', '29')), metadata: { resourceVersion: '30', continue: 'more' } };
  const { told, versions, informer } = await run([listOf('5', map('a', '3'), map('b', '5')), page, listOf('30', map('d', '28'))], [[expired]]);
  t.deepEqual(told, ['add a@3', 'add b@5', 'add c@29', 'add d@28', 'delete b']);
  t.deepEqual(versions, ['5', '30']);
  t.deepEqual(informer.lister.list().map(({ metadata }) => metadata.name), ['a', 'c', 'd']);
});

test('when the state of the pages is gone before the last, all is listed at once', async (t) => {
  const page = { ...listOf('5', map('a', '3'), map('b', '5')), metadata: { resourceVersion: '5', continue: 'more' } };
  const { told, versions } = await run([page, expired.object, listOf('40', map('a', '3'), map('c', '39'))], []);
  t.deepEqual(told, ['add a@3', 'add b@5', 'add c@39', 'delete b']);
  t.deepEqual(versions, ['40']);
});

test('an Expired watch is followed by a list that tells missed deletes and nothing that is unchanged', async (t) => {
  const { told, versions } = await run([listOf('5', map('a', '3'), map('b', '5')), listOf('30', map('a', '3'), map('c', '29'))], [[expired]]);
  t.deepEqual(told, ['add a@3', 'add b@5', 'add c@29', 'delete b']);
  t.deepEqual(versions, ['5', '30']);
});

test('an object that was deleted and made again under its name is a delete and an add', async (t) => {
  const { told } = await run([listOf('5', map('a', '3'))], [[{ type: 'MODIFIED', object: map('a', '9', 'another') }]]);
  t.deepEqual(told, ['add a@3', 'delete a', 'add a@9']);
});

test('listers find by key, namespace and index', async (t) => {
  const { informer } = await run([listOf('5', map('a', '3'), map('b', '5'))], [[{ type: 'DELETED', object: map('b', '7') }]]);
  t.is(informer.lister.get('default/a')?.metadata.name, 'a');
  t.is(informer.lister.list('default').length, 1);
  t.is(informer.lister.list('other').length, 0);
  t.is(informer.lister.byIndex('owner', 'owner-1').length, 1);
  t.throws(() => informer.lister.byIndex('nope', ''), { instanceOf: RangeError });
});
