import test from 'ava';
import { exitCodeOf, parseFailOn, summaryLine } from '#cli/plan/plan-summary.ts';
import { planText } from '#cli/plan/plan-text.ts';
import { UsageError } from '#cli/usage-error.ts';
import type { ApplicationChange, ChangePlan } from '#sync/offline/change-plan.ts';

const PRUNED = { action: 'prune', apiVersion: 'v1', kind: 'Service', namespace: 'demo', name: 'web', path: 'a.yaml', line: 1, patch: [], diff: '' } as const;
const DENIED = { action: 'Deny', policy: 'p', object: 'Service demo/web', message: 'no', path: 'a.yaml', line: 1 } as const;
const plan = (more: Partial<ApplicationChange> | undefined): ChangePlan => ({
  base: { ref: 'main', commit: 'a'.repeat(40) }, head: { ref: 'change', commit: 'b'.repeat(40) }, against: 'git', unchanged: 3, notes: [],
  applications: more ? [{ name: 'team/app', change: 'Changed', objects: [], restarts: [], stale: [], policies: [], errors: [], ...more }] : [],
});

const CASES: readonly (readonly [string, Partial<ApplicationChange> | undefined, string, boolean, 0 | 1 | 2])[] = [
  ['nothing changes', undefined, 'policy,error', true, 0],
  ['changes are no failure', { objects: [PRUNED] }, 'policy,error', false, 0],
  ['changes are told when asked for', { objects: [PRUNED] }, 'policy,error', true, 1],
  ['deletions fail when asked for', { objects: [PRUNED] }, 'delete', true, 2],
  ['a denial fails', { policies: [DENIED] }, 'policy,error', false, 2],
  ['a warning does not', { policies: [{ ...DENIED, action: 'Warn' }] }, 'policy,error', false, 0],
  ['an error fails', { errors: [{ path: 'a', reason: 'X', message: 'x' }] }, 'policy,error', false, 2],
  ['unless it is not asked for', { errors: [{ path: 'a', reason: 'X', message: 'x' }] }, '', false, 0],
];
for (const [name, change, failOn, tellsChanges, code] of CASES) test(name, (t) => t.is(exitCodeOf(plan(change), { failOn: parseFailOn(failOn), tellsChanges }), code));

test('an unknown cause is refused by name', (t) => {
  t.throws(() => parseFailOn('policy,deletes'), { instanceOf: UsageError, message: /"deletes" is none of delete, policy, error/ });
});

test('one of each is said in the singular', (t) => {
  const text = summaryLine(plan({ objects: [PRUNED], policies: [DENIED], restarts: [{ object: 'Deployment demo/web', how: 'recreated', pods: 1, reasons: [] }] }));
  t.is(text, '0 objects created, 0 changed, 1 pruned in 1 application (3 unchanged); 1 workload (1 pod) restarts; 1 policy denial.');
});

test('no line is longer than the terminal', (t) => {
  const long = 'word '.repeat(60);
  const text = planText(plan({ objects: [{ ...PRUNED, action: 'update', diff: `+${'x'.repeat(300)}` }], policies: [{ ...DENIED, message: long }], errors: [{ path: 'a.yaml', reason: 'X', message: long }] }), { columns: 100, isColored: false });
  t.deepEqual(text.split('\n').filter((line) => line.length > 100), []);
});

test('colours are taken only where they are asked for', (t) => {
  t.false(planText(plan({ objects: [PRUNED] }), { columns: 100, isColored: false }).includes('\u001b'));
  t.true(planText(plan({ objects: [PRUNED] }), { columns: 100, isColored: true }).includes('\u001b[31m'));
});
