import test from 'ava';
import type { Client } from '#client/client.ts';
import { submitTransaction } from '#sync/apply/transaction.ts';

const hanging = { create: () => new Promise<never>(() => undefined) } as unknown as Client;
const items = [{ delete: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'b' } }] as const;

test('a store that hangs holds up nobody who gives up', async (t) => {
  const stop = new AbortController();
  const submitted = submitTransaction(hanging, items, { signal: stop.signal });
  stop.abort(new Error('superseded'));
  await t.throwsAsync(submitted, { message: 'superseded' });
  await t.throwsAsync(submitTransaction(hanging, items, { signal: stop.signal }), { message: 'superseded' });
});

test('nothing to do asks nobody', async (t) => t.deepEqual(await submitTransaction(hanging, [], { signal: new AbortController().signal }), []));
