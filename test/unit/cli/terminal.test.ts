import test from 'ava';
import { formatTable, statusLine } from '#cli/terminal.ts';
import type { ClusterSummary } from '#cli/supervisor/messages.ts';

test('columns are as wide as their widest cell, with no trailing space', (t) => {
  t.is(formatTable(['A', 'LONG'], [['xyz', '1'], ['y', '']]), 'A    LONG\nxyz  1\ny');
});

const summary = (problem: string): ClusterSummary => ({
  nodes: { ready: 1, total: 1 }, pods: { ready: 2, total: 2 }, workloads: [],
  applications: [{ name: 'root', attemptedRevision: 'b'.repeat(40), syncedRevision: 'a'.repeat(40), isSynced: problem === '', isHealthy: true, problem }],
});

test('the status line names revision and health', (t) => {
  t.is(statusLine(summary('')), 'nodes 1/1 · pods 2/2 ready · root synced aaaaaaa, healthy');
});

test('the status line of a broken commit says what is kept and why', (t) => {
  t.is(statusLine(summary('web.yaml:3: unknown field')), 'nodes 1/1 · pods 2/2 ready · root keeps aaaaaaa: web.yaml:3: unknown field');
});
