import test from 'ava';
import { expiredRecords } from '#sync/record/retention.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const records = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `r${i}`, startedAt: NOW - i * HOUR }));

test('twenty are kept by default, the newest', (t) => t.deepEqual(expiredRecords(records(22), {}, NOW), ['r20', 'r21']));
test('those past their age go, also where there is room', (t) => t.deepEqual(expiredRecords(records(5), { maxAge: '3h' }, NOW), ['r4']));
test('both bounds hold', (t) => t.deepEqual(expiredRecords(records(5), { count: 2, maxAge: '3h' }, NOW), ['r2', 'r3', 'r4']));
