import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { Lease } from '#api/generated/coordination/v1.ts';
import { StatusError } from '#api/status-error.ts';
import { createClient } from '#client/create-client.ts';
import { runLeaderElection } from '#controller/leader-election.ts';

/** One lease with compare-and-set, which is all that an election asks of the API. */
function leaseServer() {
  let lease: Lease | undefined;
  let version = 0;
  const failure = (reason: string) => ({ status: new StatusError(reason, reason).httpCode, body: new StatusError(reason, reason).data.status });
  const client = createClient({
    async request({ method, body }) {
      if (method === 'GET') return lease ? { status: 200, body: lease } : failure('NotFound');
      const next = body as Lease;
      if (method === 'POST' && lease) return failure('AlreadyExists');
      if (method === 'PUT' && next.metadata.resourceVersion !== lease?.metadata.resourceVersion) return failure('Conflict');
      lease = { ...next, metadata: { ...next.metadata, resourceVersion: String(++version) } };
      return { status: 200, body: lease };
    },
    async *watch() {},
    close() {},
  });
  return { client, holder: () => lease?.spec?.holderIdentity, transitions: () => lease?.spec?.leaseTransitions };
}

test('one of several leads, and a successor takes over when it stops or falls silent', async (t) => {
  const server = leaseServer();
  const leading = new Set<string>();
  let most = 0;
  const start = (identity: string, isHung = () => false) => {
    const stop = new AbortController();
    const client = { ...server.client, get: (...args: Parameters<typeof server.client.get>) => (isHung() ? Promise.reject(new Error('cut off')) : server.client.get(...args)) } as typeof server.client;
    const done = runLeaderElection({
      client, identity, lease: { namespace: 'kube-system', name: 'controllers' }, clock: systemClock, log: silentLogger, leaseDurationMs: 200,
      async lead(signal) {
        leading.add(identity);
        most = Math.max(most, leading.size);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        leading.delete(identity);
      },
    }, stop.signal);
    return { stop: () => stop.abort(), done };
  };
  const until = async (condition: () => boolean): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error('the condition did not come true in 10 s');
      await systemClock.sleep(2);
    }
  };
  let isHung = false;
  const a = start('a', () => isHung);
  await until(() => leading.has('a'));
  const b = start('b');
  await systemClock.sleep(100);
  t.deepEqual([...leading], ['a']);
  isHung = true;
  await until(() => leading.has('b'));
  t.false(leading.has('a'));
  isHung = false;
  b.stop();
  await b.done;
  t.is(server.holder(), '');
  await until(() => leading.has('a'));
  a.stop();
  await a.done;
  t.is(most, 1);
});
