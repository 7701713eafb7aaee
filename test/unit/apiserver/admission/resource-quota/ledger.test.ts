import test from 'ava';
import { QuotaLedger } from '#apiserver/admission/resource-quota/ledger.ts';
import type { CachedObject } from '#watchcache/watch-cache.ts';
import type { Write } from '#store/object-store.ts';

const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace: 'a', name: 'q' }, spec: { hard: { pods: '5' } }, status: { hard: { pods: '5' }, used: { pods: '1' } } };
const cached: CachedObject = { object: quota, revision: 7, json: () => Buffer.from('') };
const key = { resource: 'resourcequotas', namespace: 'a', name: 'q' };
const pod: Write = { type: 'put', key: { resource: 'pods', namespace: 'a', name: 'p' }, value: '{}', expect: 'absent' };
const valueOf = (write: Write | undefined): typeof quota => JSON.parse(write?.value ?? '{}') as typeof quota;

test('several charges to one quota are one write, which expects the quota as it was read', (t) => {
  const ledger = new QuotaLedger();
  ledger.charge(cached, { pods: '2' });
  t.deepEqual(ledger.read(cached).status?.used, { pods: '2' });
  ledger.charge(cached, { pods: '3' });
  const [, charge, ...rest] = ledger.join([pod]);
  t.deepEqual([charge?.key, charge?.expect, rest.length], [key, 7, 0]);
  t.deepEqual(valueOf(charge).status.used, { pods: '3' });
});

test('of a quota that the transaction itself writes, the new state is charged', (t) => {
  const ledger = new QuotaLedger();
  ledger.charge(cached, { pods: '2' });
  const own: Write = { type: 'put', key, value: JSON.stringify({ ...quota, spec: { hard: { pods: '9' } } }), expect: 7 };
  const joined = ledger.join([own, pod]);
  t.is(joined.length, 2);
  t.deepEqual([valueOf(joined[0]).spec.hard, valueOf(joined[0]).status.used], [{ pods: '9' }, { pods: '2' }]);
});

test('a quota that the transaction deletes is not charged', (t) => {
  const ledger = new QuotaLedger();
  ledger.charge(cached, { pods: '2' });
  const gone: Write = { type: 'delete', key, expect: 7 };
  t.deepEqual(ledger.join([gone, pod]), [gone, pod]);
});
