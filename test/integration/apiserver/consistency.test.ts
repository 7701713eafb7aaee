import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { ConfigMap } from '#api/generated/core/v1.ts';
import type { ObjectList } from '#api/object.ts';
import type { WatchEvent } from '#api/transport.ts';
import { ADMIN, type ControlPlane, startAnother, startControlPlane } from '#test/support/control-plane.ts';

let plane: ControlPlane;
let other: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
  other = await startAnother(plane);
});
test.after.always(async () => {
  await other?.stop();
  await plane?.stop();
});

const MAPS = '/api/v1/namespaces/default/configmaps';
const bodyOf = (name: string, value: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });
const get = async ({ server }: ControlPlane, path: string, query: Readonly<Record<string, string>> = {}) => server.handle({ method: 'GET', path, query }, ADMIN);
const write = async ({ server }: ControlPlane, name: string, value: string): Promise<ConfigMap> => {
  const answer = await server.handle({ method: 'PATCH', path: `${MAPS}/${name}`, body: bodyOf(name, value), query: { fieldManager: 'test', force: 'true' }, contentType: 'application/apply-patch+yaml' }, ADMIN);
  return answer.body as ConfigMap;
};

/** More than a server remembers of one resource, past the API. */
async function overflowWindow(): Promise<void> {
  const writes = Array.from({ length: 10_050 }, (_, i) => {
    const value = JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `many-${i}`, namespace: 'default', uid: `u${i}` } });
    return { type: 'put', key: { resource: 'configmaps', namespace: 'default', name: `many-${i}` }, value, expect: 'any' } as const;
  });
  const result = await plane.store.transaction(writes);
  for (const { cache } of [plane, other]) await cache.waitFor(result.ok ? (result.revisions.at(-1) ?? 0) : 0);
}

test.serial('a read through one server shows every write that another one has answered', async (t) => {
  for (let i = 0; i < 60; i++) {
    const [writer, reader] = i % 2 === 0 ? [plane, other] : [other, plane];
    const written = await write(writer, 'linear', String(i));
    const read = (await get(reader, `${MAPS}/linear`)).body as ConfigMap;
    t.deepEqual([read.data?.['value'], read.metadata.resourceVersion], [String(i), written.metadata.resourceVersion]);
    const list = (await get(reader, MAPS)).body as ObjectList<ConfigMap>;
    t.is(list.items.find((item) => item.metadata.name === 'linear')?.data?.['value'], String(i));
    t.true(Number(list.metadata.resourceVersion) >= Number(written.metadata.resourceVersion));
  }
});

test.serial('a revision that is yet to come is waited for, and 504 when it does not come', async (t) => {
  const { metadata } = await write(plane, 'soon', '0');
  const next = String(Number(metadata.resourceVersion) + 1);
  const waiting = get(other, MAPS, { resourceVersion: next });
  await write(plane, 'soon', '1');
  t.is((await waiting).status, 200);

  const far = String(Number(next) + 1_000_000);
  const refused = await get(other, MAPS, { resourceVersion: far });
  const status = refused.body as Status;
  t.is(refused.status, 504);
  t.like(status, { reason: 'Timeout', code: 504, details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] } });
  t.regex(status.message ?? '', new RegExp(`^Timeout: Too large resource version: ${far}, current: \\d+$`));
});

test.serial('a watch and a paged list go on at a server that was started after them', async (t) => {
  const start = await write(plane, 'move', '0');
  for (const name of ['page-a', 'page-b', 'page-c']) await write(plane, name, '0');
  const first = (await get(plane, MAPS, { limit: '1' })).body as ObjectList<ConfigMap>;
  await write(plane, 'move', '1');
  await plane.server.handle({ method: 'DELETE', path: `${MAPS}/page-b` }, ADMIN);
  const later = await startAnother(plane);
  t.teardown(() => later.stop());
  const abort = new AbortController();
  const seen: [string, string | undefined][] = [];
  const query = { watch: 'true', resourceVersion: start.metadata.resourceVersion ?? '', allowWatchBookmarks: 'false' };
  for await (const { type, object } of later.server.watch({ method: 'GET', path: MAPS, query, signal: abort.signal }, ADMIN)) {
    seen.push([type, object.metadata.name]);
    if (type === 'DELETED' || type === 'ERROR') abort.abort();
  }
  t.deepEqual(seen, [['ADDED', 'page-a'], ['ADDED', 'page-b'], ['ADDED', 'page-c'], ['MODIFIED', 'move'], ['DELETED', 'page-b']]);
  const rest = (await get(later, MAPS, { limit: '100', continue: first.metadata.continue ?? '' })).body as ObjectList<ConfigMap>;
  t.is(rest.metadata.resourceVersion, first.metadata.resourceVersion);
  t.true(rest.items.some((item) => item.metadata.name === 'page-b'), 'as it was when the list began');
});

test.serial('a watch and lists that fell behind are told 410 in the words of Kubernetes', async (t) => {
  const { metadata } = await write(plane, 'behind', '0');
  const resourceVersion = metadata.resourceVersion ?? '';
  const first = (await get(plane, MAPS, { limit: '1' })).body as ObjectList<ConfigMap>;
  await overflowWindow();
  for (const place of [plane, other]) {
    const events: WatchEvent[] = [];
    for await (const event of place.server.watch({ method: 'GET', path: MAPS, query: { watch: 'true', resourceVersion } }, ADMIN)) events.push(event);
    const failure = events[0]?.object as unknown as Status;
    t.is(events.length, 1);
    t.like(failure, { status: 'Failure', reason: 'Expired', code: 410 });
    t.regex(failure.message ?? '', new RegExp(`^too old resource version: ${resourceVersion} \\(\\d+\\)$`));

    const exact = (await get(place, MAPS, { resourceVersion, resourceVersionMatch: 'Exact' })).body as Status;
    t.like(exact, { reason: 'Expired', code: 410, message: 'The resourceVersion for the provided list is too old.' });

    const page = (await get(place, MAPS, { limit: '1', continue: first.metadata.continue ?? '' })).body as Status;
    t.like(page, { reason: 'Expired', code: 410 });
    t.regex(page.message ?? '', /^The provided continue parameter is too old to display a consistent list result\. You can start a new list/);
    const onwards = await get(place, MAPS, { limit: '1', continue: page.metadata?.continue ?? '' });
    t.is(onwards.status, 200, 'the token of the refusal goes on at a newer revision');
    t.true(Number((onwards.body as ObjectList<ConfigMap>).metadata.resourceVersion) > Number(resourceVersion));
  }
});
