import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { ApiHandler } from '#api/transport.ts';
import { Client } from '#test/bench/api-client.ts';
import { ServerProcess } from '#test/bench/api-process.ts';
import { ADMIN, type ControlPlane, startAnother, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

let planes: readonly ControlPlane[] = [];
test.before(async () => {
  const first = await startControlPlane();
  planes = [first];
  planes = [first, await startAnother(first), await startAnother(first)];
});
test.after.always(async () => {
  for (const plane of planes.toReversed()) await plane.stop();
});

const PATH = '/api/v1/namespaces/default/configmaps';
const server = (i: number): ApiHandler => (planes[i % planes.length] as ControlPlane).server;

async function send(handler: ApiHandler, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<KubeObject & { readonly items: readonly KubeObject[] }> {
  const answer = await handler.handle({ method, path, ...(body === undefined ? {} : { body }), contentType: method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }, ADMIN);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body as KubeObject & { readonly items: readonly KubeObject[] };
}

test('what one server has answered, every other one reads at once: an object, a list, a change, a deletion', async (t) => {
  for (let i = 0; i < 30; i++) {
    const [writer, ...readers] = [server(i), server(i + 1), server(i + 2)];
    const name = `seen-${i}`;
    const made = await send(writer, 'POST', PATH, { metadata: { name }, data: { n: '0' } });
    for (const reader of readers) {
      t.is((await send(reader, 'GET', `${PATH}/${name}`)).metadata.resourceVersion, made.metadata.resourceVersion);
      t.true((await send(reader, 'GET', PATH)).items.some((item) => item.metadata.name === name));
    }
    const changed = await send(readers[0] as ApiHandler, 'PATCH', `${PATH}/${name}`, { data: { n: '1' } });
    t.is((await send(writer, 'GET', `${PATH}/${name}`)).metadata.resourceVersion, changed.metadata.resourceVersion);
    await send(writer, 'DELETE', `${PATH}/${name}`);
    for (const reader of readers) t.is((await reader.handle({ method: 'GET', path: `${PATH}/${name}` }, ADMIN)).status, 404);
  }
});

test('watches of all servers tell the writes of all servers, in one order and each once', async (t) => {
  const WRITES = 150;
  const from = (await send(server(0), 'GET', PATH) as unknown as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  const watching = planes.map(async ({ server: handler }) => {
    const told: string[] = [];
    const ending = new AbortController();
    for await (const { type, object } of handler.watch({ method: 'GET', path: PATH, query: { watch: 'true', resourceVersion: from }, signal: ending.signal }, ADMIN)) {
      if (!object.metadata.name.startsWith('order-')) continue;
      told.push(`${object.metadata.resourceVersion} ${type} ${object.metadata.name}`);
      if (told.length === WRITES * 2) break;
    }
    ending.abort();
    return told;
  });
  await Promise.all(Array.from({ length: WRITES }, async (_, i) => {
    await send(server(i), 'POST', PATH, { metadata: { name: `order-${i}` } });
    await send(server(i + 1), 'PATCH', `${PATH}/order-${i}`, { data: { by: 'another' } });
  }));
  const [first = [], ...others] = await Promise.all(watching);
  t.is(new Set(first).size, WRITES * 2);
  t.deepEqual(first, first.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
  for (const other of others) t.deepEqual(other, first);
});

test('a process that stands still in the midst of its writes holds up no other, and ends them when it goes on', async (t) => {
  const [WRITERS, WRITES] = [16, 200];
  const first = await ServerProcess.start(['headway']);
  t.teardown(() => first.stop());
  const second = await ServerProcess.start(['joined', first.ready.directory]);
  t.teardown(() => second.stop());
  const { token } = first.ready;
  const clients = await Promise.all([first.ready, { ...second.ready, token }].map((target) => Client.open(target)));
  t.teardown(() => clients.forEach((client) => client.close()));
  const [one, two] = clients as [Client, Client];
  let held = 0;
  let isDone = false;
  const writing = Promise.all(Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; !isDone; i++) {
      await one.create(`held-${writer}-${i}`);
      held++;
    }
  }));
  // Seen when it is awaited; before that, another failure may end the test.
  writing.catch(() => undefined);
  await waitFor(() => held > 2 * WRITERS, { what: 'the writers to be under way' });
  first.signal('SIGSTOP');
  t.teardown(() => first.signal('SIGCONT'));
  await Promise.all(Array.from({ length: WRITES }, (_, i) => two.create(`free-${i}`)));
  isDone = true;
  first.signal('SIGCONT');
  await writing;
  const { items } = JSON.parse(await two.send('GET', PATH)) as { readonly items: readonly KubeObject[] };
  t.is(items.filter(({ metadata }) => /^(?:held|free)-/.test(metadata.name)).length, held + WRITES);
});
