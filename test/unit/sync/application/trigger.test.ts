import test from 'ava';
import type { Application } from '#api/headway/v1/types.ts';
import { triggerOf, type TriggerQuestion } from '#sync/application/trigger.ts';

const application: Application = {
  apiVersion: 'headway.dev/v1', kind: 'Application', spec: { repository: 'r' },
  metadata: { name: 'a', managedFields: [{ manager: 'kubectl-annotate', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:headway.dev/sync': {} } } } }] },
};
const ask = (more: Partial<TriggerQuestion>) => triggerOf({ application, status: { syncedRevision: 'old' }, revision: 'new', author: 'Ada', isManual: false, isAgain: false, refusal: undefined, ...more });

test('a commit names its author, a request its manager, a restart nobody', (t) => {
  t.deepEqual(ask({}), { type: 'Commit', by: 'Ada' });
  t.deepEqual(ask({ isManual: true }), { type: 'Manual', by: 'kubectl-annotate' });
  t.deepEqual(ask({ isAgain: true }), { type: 'Restart' });
  t.deepEqual(ask({ refusal: { attempt: 'new 1', until: 0, failures: 1, errors: [], index: undefined } }), { type: 'Retry', by: 'Ada' });
  t.deepEqual(ask({ revision: 'old' }), { type: 'Spec' });
});
