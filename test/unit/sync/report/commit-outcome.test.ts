import test from 'ava';
import type { Application, ApplicationStatus } from '#api/headway/v1/types.ts';
import { commitOutcome } from '#sync/report/commit-outcome.ts';

const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];
const condition = (type: string, status: string, reason: string, message = ''): NonNullable<ApplicationStatus['conditions']>[number] => ({ type, status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' });
const application = (status: ApplicationStatus): Application => ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace: 'team', name: 'shop' }, spec: { repository: 'shop' }, status });
const SYNCED = condition('Synced', 'True', 'Synced');

for (const [name, status, expected] of [
  ['nothing tried', {}, undefined],
  ['healthy', { attemptedRevision: NEW, syncedRevision: NEW, conditions: [SYNCED, condition('Healthy', 'True', 'Healthy')], inventory: [] }, { revision: NEW, state: 'success', description: '0 objects applied and healthy' }],
  ['not healthy yet', { attemptedRevision: NEW, syncedRevision: NEW, conditions: [SYNCED, condition('Healthy', 'False', 'Progressing', 'Deployment web: 1 of 2')] }, { revision: NEW, state: 'pending', description: 'Deployment web: 1 of 2' }],
  ['degraded', { attemptedRevision: NEW, syncedRevision: NEW, conditions: [SYNCED, condition('Healthy', 'False', 'Degraded', 'Pod web: no image')] }, { revision: NEW, state: 'failure', description: 'Pod web: no image' }],
  ['refused', { attemptedRevision: NEW, syncedRevision: OLD, conditions: [condition('Synced', 'False', 'InvalidYAML', 'a.yaml:3:\n bad')] }, { revision: NEW, state: 'failure', description: 'a.yaml:3: bad' }],
  ['waiting for a wave', { attemptedRevision: NEW, syncedRevision: OLD, conditions: [condition('Synced', 'False', 'WaitingForWave', 'wave 1')] }, { revision: NEW, state: 'pending', description: 'wave 1' }],
  ['a source that is away', { attemptedRevision: NEW, syncedRevision: OLD, conditions: [condition('Synced', 'False', 'SourceNotReady', 'no route')] }, undefined],
  ['drift', { attemptedRevision: NEW, syncedRevision: NEW, conditions: [condition('Synced', 'False', 'Drifted', 'x'), condition('Healthy', 'True', 'Healthy')], inventory: [] }, { revision: NEW, state: 'success', description: '0 objects applied and healthy' }],
] satisfies [string, ApplicationStatus, object | undefined][]) {
  test(`${name}: ${expected ? expected.state : 'nothing is said'}`, (t) => t.deepEqual(commitOutcome(application(status)) as unknown, expected && { context: 'headway/team/shop', ...expected }));
}

test('descriptions are cut where GitHub would refuse them', (t) => {
  const outcome = commitOutcome(application({ attemptedRevision: NEW, conditions: [condition('Synced', 'False', 'ApplyFailed', 'x'.repeat(500))] }));
  t.is(outcome?.description.length, 140);
});
