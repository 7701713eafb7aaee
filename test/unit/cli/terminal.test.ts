import test from 'ava';
import { createTerminal, formatTable, statusLine, workloadTable } from '#cli/terminal.ts';
import type { ApplicationSummary, ClusterSummary } from '#cli/supervisor/messages.ts';

test('columns are as wide as their widest cell, with no trailing space', (t) => {
  t.is(formatTable(['A', 'LONG'], [['xyz', '1'], ['y', '']]), 'A    LONG\nxyz  1\ny');
});

const app = (problem: string): ApplicationSummary => ({ name: 'root', attemptedRevision: 'b'.repeat(40), syncedRevision: 'a'.repeat(40), isSynced: problem === '', isHealthy: true, problem });
const summary = (...shown: readonly ApplicationSummary[]): ClusterSummary => ({
  nodes: { ready: 1, total: 1 }, pods: { ready: 2, total: 2 }, workloads: { total: 0, shown: [] },
  applications: { total: shown.length, synced: shown.filter(({ isSynced }) => isSynced).length, healthy: shown.filter(({ isSynced, isHealthy }) => isSynced && isHealthy).length, refused: 0, shown },
});

test('the status line names revision and health', (t) => {
  t.is(statusLine(summary(app(''))), 'nodes 1/1 · pods 2/2 ready · root synced aaaaaaa, healthy');
});

test('the status line of a broken commit says what is kept and why', (t) => {
  t.is(statusLine(summary(app('web.yaml:3: unknown field'))), 'nodes 1/1 · pods 2/2 ready · root keeps aaaaaaa: web.yaml:3: unknown field');
});

test('the status line of a commit that rolls out, and of a repository that was never applied', (t) => {
  const withApp = (changes: object): ClusterSummary => summary({ ...app(''), ...changes });
  t.regex(statusLine(withApp({ isHealthy: false })), /root synced aaaaaaa, not healthy yet$/);
  t.regex(statusLine(withApp({ isSynced: false, isHealthy: false })), /root syncing$/);
  t.regex(statusLine(withApp({ isSynced: false, syncedRevision: '', problem: 'no such branch' })), /root is not applied: no such branch$/);
});

test('the status line counts many applications, and names those with a problem', (t) => {
  t.is(statusLine(summary(app('web.yaml:3: unknown field'), ...Array.from({ length: 5 }, () => app('')))), 'nodes 1/1 · pods 2/2 ready · applications 5/6 synced, 5 healthy · root keeps aaaaaaa: web.yaml:3: unknown field');
});

test('the table says how many rows it leaves out', (t) => {
  const row = { kind: 'Job', namespace: 'demo', name: 'a', state: 'Complete' };
  t.regex(workloadTable({ ...summary(), workloads: { total: 1, shown: [row] } }), /^Job +demo +a +Complete$/m);
  t.regex(workloadTable({ ...summary(), workloads: { total: 12, shown: [row] } }), /\n\.\.\. and 11 more$/);
});

function recorder(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const terminal = createTerminal({ isTTY, columns, write: (text: string) => (written.push(text), true) } as unknown as NodeJS.WriteStream);
  return { terminal, text: () => written.join('') };
}

test('without a terminal, lines are plain, a live line is printed when it changed, and what only a watcher needs is not', (t) => {
  const { terminal, text } = recorder(false);
  terminal.transient('… store');
  terminal.line('done');
  terminal.live('1/2');
  terminal.live('1/2');
  terminal.live('');
  t.is(text(), 'done\n1/2\n');
});

test('on a terminal, the live line stays below what is printed, and is cleared before it is replaced', (t) => {
  const { terminal, text } = recorder(true);
  terminal.transient('… store');
  terminal.line('done');
  terminal.live('');
  t.is(text(), '… store\r\u001b[Kdone\n… store\r\u001b[K');
});

test('a live line never wraps, also when it is drawn again', (t) => {
  const { terminal, text } = recorder(true, 30);
  terminal.live('x'.repeat(50));
  terminal.line('done');
  const cut = `${'x'.repeat(28)}…`;
  t.is(text(), `${cut}\r\u001b[Kdone\n${cut}`);
});
