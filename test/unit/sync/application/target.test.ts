import test from 'ava';
import type { Application } from '#api/headway/v1/types.ts';
import { hasNewWord, targetOf } from '#sync/application/target.ts';

const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);
const app = (spec: Partial<Application['spec']>, sync?: string): Application =>
  ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'a', ...(sync === undefined ? {} : { annotations: { 'headway.dev/sync': sync } }) }, spec: { repository: 'r', ...spec } });
const MANUAL = { syncPolicy: { automated: false } };

const cases = [
  { name: 'the newest commit by default', application: app({}), status: { attemptedRevision: OLD }, is: { revision: NEW } },
  { name: 'the newest, once more, when somebody asks', application: app({}, 'now'), status: {}, is: { revision: NEW, request: 'now' } },
  { name: 'the newest without a request when it was acted on', application: app({}, 'now'), status: { handledRequest: 'now' }, is: { revision: NEW } },
  { name: 'the pinned commit', application: app({ pinnedRevision: OLD }), status: {}, is: { revision: OLD } },
  { name: 'nothing before the first request', application: app(MANUAL), status: {}, is: undefined },
  { name: 'what was tried last', application: app(MANUAL), status: { attemptedRevision: OLD }, is: { revision: OLD } },
  { name: 'the newest for any word', application: app(MANUAL, 'please'), status: { attemptedRevision: OLD }, is: { revision: NEW, request: 'please' } },
  { name: 'the commit that the request names', application: app(MANUAL, OLD), status: {}, is: { revision: OLD, request: OLD } },
] as const;
for (const { name, application, status, is } of cases) {
  test(name, (t) => t.deepEqual(targetOf({ application, status, newest: NEW }), is));
}

test('a request and a confirmation are new words, another spec is none', (t) => {
  t.true(hasNewWord(app({}), app({}, 'now')));
  t.false(hasNewWord(app({}, 'now'), app(MANUAL, 'now')));
});
