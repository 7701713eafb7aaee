import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchEvent } from '#api/transport.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { startConversionWebhook } from '#test/support/conversion-webhook.ts';
import { DEFINITIONS, establish, readDefinition, send, version } from '#test/support/custom-definition.ts';
import { waitFor } from '#test/support/wait.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const at = (group: string, of: string, name = ''): string => `/apis/${group}/${of}/namespaces/default/widgets${name === '' ? '' : `/${name}`}`;
const VERSIONS = [version('v1', { storage: true }), version('v2')];
const webhook = (clientConfig: object): object => ({ strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } });

/** `hostPort` of v1 is `host` and `port` in v2. */
function convert(object: Record<string, unknown>, desired: string): object {
  const { hostPort, host, port, ...rest } = object;
  if (desired.endsWith('/v2')) return { ...rest, ...(typeof hostPort === 'string' ? { host: hostPort.split(':')[0], port: hostPort.split(':')[1] } : {}) };
  return { ...rest, ...(host === undefined ? {} : { hostPort: `${String(host)}:${String(port)}` }) };
}

test('every verb speaks the version of the request, and the store its own', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'verbs.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  t.like((await send(plane.server, 'POST', at(group, 'v1'), { metadata: { name: 'a' }, hostPort: 'h:1' })).body, { apiVersion: `${group}/v1`, hostPort: 'h:1' });
  const made = await send(plane.server, 'POST', at(group, 'v2'), { metadata: { name: 'b' }, host: 'g', port: '2' });
  t.like(made.body, { apiVersion: `${group}/v2`, host: 'g', port: '2' });
  const stored = await plane.store.get({ resource: `widgets.${group}`, namespace: 'default', name: 'b' });
  t.like(JSON.parse(stored?.value ?? ''), { apiVersion: `${group}/v1`, hostPort: 'g:2', host: undefined });
  t.like((await send(plane.server, 'GET', at(group, 'v2', 'a'))).body, { apiVersion: `${group}/v2`, host: 'h', port: '1', hostPort: undefined });
  const patched = await send(plane.server, 'PATCH', at(group, 'v2', 'a'), { port: '9' });
  t.like(patched.body, { host: 'h', port: '9', metadata: { generation: 2 } });
  t.like((await send(plane.server, 'GET', at(group, 'v1', 'a'))).body, { hostPort: 'h:9' });
  const listed = (await send(plane.server, 'GET', at(group, 'v2'))).body as { apiVersion: string; items: { host: string }[] };
  t.deepEqual([listed.apiVersion, ...listed.items.map((i) => i.host)], [`${group}/v2`, 'h', 'g']);
  t.is((await send(plane.server, 'DELETE', at(group, 'v2', 'b'))).status, 200);
});

test('a dry run is converted as the write would be, and answers with what is left', async (t) => {
  const hook = await startConversionWebhook(t, (object, desired) => ({ ...convert(object, desired), extra: undefined, ...(object['port'] === 'bad' ? { kind: 'Other' } : {}) }));
  const group = 'dry.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  const kept = { status: 201, body: { host: 'g', port: '2', extra: undefined } };
  const dryRun = { dryRun: 'All' };
  t.like(await send(plane.server, 'POST', at(group, 'v2'), { metadata: { name: 'a' }, host: 'g', port: '2', extra: 'x' }, dryRun), kept);
  const made = await send(plane.server, 'POST', at(group, 'v2'), { metadata: { name: 'a' }, host: 'g', port: '2', extra: 'x' });
  t.like(made, kept);
  t.like(await send(plane.server, 'PATCH', at(group, 'v2', 'a'), { port: 'bad' }, dryRun), { status: 500, body: { message: `conversion webhook for ${group}/v2, Kind=Widget returned invalid object at index 0: invalid kind (expected Widget, received Other)` } });
});

test('who writes in another version takes what it changes there from who managed it', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'managed.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  await send(plane.server, 'POST', at(group, 'v2'), { metadata: { name: 'a' }, host: 'h', port: '1' }, { fieldManager: 'old' });
  const { body } = await send(plane.server, 'PATCH', at(group, 'v1', 'a'), { hostPort: 'h:2' }, { fieldManager: 'new' });
  const entries = (body as { metadata: { managedFields: readonly { manager: string; apiVersion: string; fieldsV1: object }[] } }).metadata.managedFields;
  t.deepEqual(entries.map((e) => [e.manager, e.apiVersion, e.fieldsV1]).toSorted(), [['new', `${group}/v1`, { 'f:hostPort': {} }], ['old', `${group}/v2`, { 'f:host': {} }]]);
});

test('an apply conflicts with who wrote the same in another version, under the names of that version', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'contested.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  const apply = (of: string, body: object, query: Readonly<Record<string, string>>) =>
    plane.server.handle({ method: 'PATCH', path: at(group, of, 'a'), body: { apiVersion: `${group}/${of}`, kind: 'Widget', metadata: { name: 'a' }, ...body }, query, contentType: 'application/apply-patch+yaml' }, ADMIN);
  await apply('v2', { host: 'h', port: '1' }, { fieldManager: 'old' });
  await send(plane.server, 'PATCH', at(group, 'v2', 'a'), { note: 'x' }, { fieldManager: 'editor' });

  const same = await apply('v1', { hostPort: 'h:1' }, { fieldManager: 'new' });
  t.is(same.status, 200, 'what is the same after conversion is shared');
  const refused = await apply('v1', { hostPort: 'h:2', note: 'y' }, { fieldManager: 'third' });
  t.is(refused.status, 409);
  t.deepEqual((refused.body as Status).details?.causes?.map(({ message, field }) => [message, field]).toSorted(), [
    [`conflict with "editor" using ${group}/v2`, '.note'], ['conflict with "new"', '.hostPort'], ['conflict with "old"', '.port'],
  ]);
  const forced = await apply('v1', { hostPort: 'h:2', note: 'y' }, { fieldManager: 'third', force: 'true' });
  t.deepEqual((forced.body as KubeObject).metadata.managedFields?.map((e) => [e.manager, e.apiVersion, e.fieldsV1]), [
    ['old', `${group}/v2`, { 'f:host': {} }], ['third', `${group}/v1`, { 'f:hostPort': {}, 'f:note': {} }],
  ]);
});

test('what was applied in another version, and is applied no more, goes as what it is in that version, unless somebody shares it', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'pruned.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  const apply = async (name: string, of: string, body: object, fieldManager: string): Promise<KubeObject> => {
    const { status, body: answer } = await plane.server.handle({ method: 'PATCH', path: at(group, of, name), body: { apiVersion: `${group}/${of}`, kind: 'Widget', metadata: { name }, ...body }, query: { fieldManager }, contentType: 'application/apply-patch+yaml' }, ADMIN);
    t.is(status < 300, true, JSON.stringify(answer));
    return answer as KubeObject;
  };
  const content = ({ apiVersion: _v, kind: _k, metadata: _m, ...rest }: KubeObject): object => rest;
  await apply('a', 'v2', { host: 'h', port: '1', note: 'x' }, 'me');
  t.deepEqual(content(await apply('a', 'v1', { note: 'x' }, 'me')), { note: 'x' });
  await apply('b', 'v2', { host: 'h', port: '1', note: 'x' }, 'me');
  await apply('b', 'v1', { hostPort: 'h:1' }, 'you');
  const shared = await apply('b', 'v1', {}, 'me');
  t.deepEqual([content(shared), shared.metadata.managedFields?.map(({ manager }) => manager)], [{ hostPort: 'h:1' }, ['you']]);
  await apply('c', 'v1', { hostPort: 'h:1', note: 'x' }, 'me');
  await apply('c', 'v2', { host: 'h' }, 'you');
  t.deepEqual(content(await apply('c', 'v1', { hostPort: 'h:1' }, 'me')), { hostPort: 'h:1' });
});

test('a list asks once for all objects, and again for none that has not changed', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'batch.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  for (const name of ['a', 'b', 'c']) await send(plane.server, 'POST', at(group, 'v1'), { metadata: { name }, hostPort: `${name}:1` });
  await send(plane.server, 'GET', at(group, 'v2'));
  await send(plane.server, 'GET', at(group, 'v2'));
  t.deepEqual(hook.batches, [3]);
  await send(plane.server, 'PATCH', at(group, 'v1', 'b'), { hostPort: 'b:2' });
  await send(plane.server, 'GET', at(group, 'v2'));
  t.deepEqual(hook.batches, [3, 1]);
});

test('a watch tells converted objects in the order of the changes', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'watch.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  const seen: WatchEvent[] = [];
  const abort = new AbortController();
  t.teardown(() => abort.abort());
  await send(plane.server, 'POST', at(group, 'v1'), { metadata: { name: 'first' }, hostPort: 'f:0' });
  const watching = (async () => {
    for await (const event of plane.server.watch({ method: 'GET', path: at(group, 'v2'), signal: abort.signal }, ADMIN)) seen.push(event);
  })();
  await waitFor(() => seen.length === 1, { what: 'what is there' });
  for (let i = 1; i <= 5; i++) await send(plane.server, 'PATCH', at(group, 'v1', 'first'), { hostPort: `f:${i}` });
  await send(plane.server, 'DELETE', at(group, 'v1', 'first'));
  await waitFor(() => seen.length === 7, { what: 'all changes' });
  t.deepEqual(seen.map((e) => `${e.type} ${(e.object as unknown as { port: string }).port}`), ['ADDED 0', ...[1, 2, 3, 4, 5].map((i) => `MODIFIED ${i}`), 'DELETED 5']);
  abort.abort();
  await watching;
});

test('a webhook that cannot be reached fails the request in the words of Kubernetes, and nothing else', async (t) => {
  const group = 'broken.example.com';
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook({ service: { namespace: 'default', name: 'absent', path: '/convert', port: 443 } }) });
  t.is((await send(plane.server, 'POST', at(group, 'v1'), { metadata: { name: 'a' } })).status, 201);
  const failed = await send(plane.server, 'GET', at(group, 'v2', 'a'));
  t.is(failed.status, 500);
  t.is((failed.body as { message: string }).message, `conversion webhook for ${group}/v1, Kind=Widget failed: service "absent" not found`);
  t.is((await send(plane.server, 'GET', at(group, 'v1', 'a'))).status, 200);
  t.is((await send(plane.server, 'DELETE', `${DEFINITIONS}/widgets.${group}`)).status, 200);
  await waitFor(async () => (await send(plane.server, 'GET', `${DEFINITIONS}/widgets.${group}`)).status === 404, { what: 'the definition to go' });
});

test('a definition whose objects cannot be converted any more says why it stays, and goes when they can', async (t) => {
  const hook = await startConversionWebhook(t, convert);
  const group = 'stuck.example.com';
  const path = `${DEFINITIONS}/widgets.${group}`;
  await establish(plane.server, { group, versions: VERSIONS, conversion: webhook(hook.config) });
  await send(plane.server, 'POST', at(group, 'v1'), { metadata: { name: 'a' }, hostPort: 'h:1' });
  await send(plane.server, 'PATCH', path, { spec: { versions: [version('v1'), version('v2', { storage: true })], conversion: { webhook: { clientConfig: { ...hook.config, url: 'https://127.0.0.1:1/' } } } } });
  t.is((await send(plane.server, 'DELETE', path)).status, 200);
  const told = await waitFor(async () => (await readDefinition(plane.server, `widgets.${group}`)).status?.conditions?.find((c) => c.reason === 'InstanceDeletionFailed'), { what: 'the failure to be told' });
  t.is(told.status, 'True');
  t.regex(told.message, /^could not issue all deletes: conversion webhook for stuck\.example\.com\/v1, Kind=Widget failed: Post .*connection refused$/);
  const mended = await send(plane.server, 'PATCH', path, { spec: { conversion: { webhook: { clientConfig: hook.config } } } });
  t.is(mended.status, 200, JSON.stringify(mended.body));
  await waitFor(async () => (await send(plane.server, 'GET', path)).status === 404, { what: 'the definition to go' });
});

test('the version of the store can be changed, and an update that changes nothing moves an object to it', async (t) => {
  const group = 'migrate.example.com';
  await establish(plane.server, { group, versions: VERSIONS });
  await send(plane.server, 'POST', at(group, 'v1'), { metadata: { name: 'a' }, spec: { x: 1 } });
  await send(plane.server, 'PATCH', `${DEFINITIONS}/widgets.${group}`, { spec: { versions: [version('v1'), version('v2', { storage: true })] } });
  t.deepEqual((await readDefinition(plane.server, `widgets.${group}`)).status?.storedVersions, ['v1', 'v2']);
  const { body } = await send(plane.server, 'GET', at(group, 'v1', 'a'));
  await send(plane.server, 'PUT', at(group, 'v1', 'a'), body);
  const stored = await plane.store.get({ resource: `widgets.${group}`, namespace: 'default', name: 'a' });
  t.like(JSON.parse(stored?.value ?? ''), { apiVersion: `${group}/v2`, spec: { x: 1 } });
  const again = (await send(plane.server, 'PUT', at(group, 'v1', 'a'), (await send(plane.server, 'GET', at(group, 'v1', 'a'))).body)).body as { metadata: { resourceVersion: string } };
  t.is(again.metadata.resourceVersion, String(stored?.revision));
});
