import test from 'ava';
import type { Application } from '#api/headway/v1/types.ts';
import { dueOf } from '#sync/application/due.ts';
import { succeed } from '#sync/application/steps/succeed.ts';
import type { ApplicationState } from '#sync/application/application-state.ts';
import { ApplicationIndex } from '#sync/inventory/application-index.ts';
import { ReportedDrift } from '#sync/heal/reported-drift.ts';
import type { StatusUpdate } from '#sync/application/status-writer.ts';
import type { TrackedRevision } from '#sync/source/repository-tracker.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const REVISION = 'a'.repeat(40);
const application = (generation: number, request?: string): Application =>
  ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'a', generation, ...(request === undefined ? {} : { annotations: { 'headway.dev/sync': request } }) }, spec: { repository: 'r' } });

/** What is written when an attempt ends under `before` while the Application is `now` already. */
async function statusAfter(before: Application, now: Application, request?: string): Promise<StatusUpdate> {
  const updates: StatusUpdate[] = [];
  const state = {
    application: now, leftovers: [], reported: new ReportedDrift(), health: { schedule: () => undefined }, context: { clock: new ManualClock(0) },
    status: { update: async (update: StatusUpdate) => void updates.push(update) },
  } as unknown as ApplicationState;
  const due = dueOf({ revision: REVISION } as TrackedRevision, { revision: REVISION, ...(request === undefined ? {} : { request }) }, before);
  await succeed(state, new ApplicationIndex({ revision: REVISION, folders: [] }), due);
  return updates[0] ?? {};
}

test('a request that came while something else was under way is still to be acted on', async (t) => {
  t.false('handledRequest' in (await statusAfter(application(1), application(1, 'now'))));
  t.is((await statusAfter(application(1, 'now'), application(1, 'later'), 'now')).handledRequest, 'now');
});

test('a spec that came while the one before was applied counts as not applied', async (t) => t.is((await statusAfter(application(1), application(2))).observedGeneration, 1));
