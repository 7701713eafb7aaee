import test from 'ava';
import { markerOf, MAX_COMMENT_LENGTH, planMarkdown } from '#cli/plan/plan-markdown.ts';
import type { ApplicationChange, ChangePlan, ObjectChange } from '#sync/offline/change-plan.ts';

const object = (name: string, diff: string): ObjectChange => ({ action: 'update', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'demo', name, path: `apps/${name}.yaml`, line: 1, patch: [], diff });
const application = (objects: readonly ObjectChange[], more: Partial<ApplicationChange> = {}): ApplicationChange => ({ name: 'team/app', change: 'Changed', objects, restarts: [], stale: [], policies: [], errors: [], ...more });
const plan = (applications: readonly ApplicationChange[], notes: readonly string[] = []): ChangePlan =>
  ({ base: { ref: 'main', commit: 'a'.repeat(40) }, head: { ref: 'change', commit: 'b'.repeat(40) }, against: 'git', applications, unchanged: 0, notes });

test('the marker is the first line, and depends on the folder only', (t) => {
  t.is(planMarkdown(plan([]), { path: 'clusters/prod' }).split('\n', 1)[0], '<!-- headway-plan: clusters/prod -->');
  t.is(markerOf('./clusters/prod/'), markerOf('clusters/prod'));
  t.is(markerOf('a-->b'), '<!-- headway-plan: a--_b -->');
  t.is(markerOf(''), '<!-- headway-plan: . -->');
});

test('a comment that would be too long is cut after a whole entry, and says how much is missing', (t) => {
  const text = planMarkdown(plan([application(Array.from({ length: 50 }, (_, i) => object(`config-${i}`, `+${'x'.repeat(5000)}`)))]), { path: '' });
  t.true(text.length <= MAX_COMMENT_LENGTH);
  t.regex(text, /\*\*\d+ more entries do not fit into a comment/);
  t.is(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length);
});

test('errors alone are cut as well', (t) => {
  const errors = Array.from({ length: 2000 }, (_, i) => ({ path: `apps/${i}.yaml`, line: 1, reason: 'InvalidObject', message: 'a message of some length that repeats itself' }));
  const text = planMarkdown(plan([application([object('config', '+x')], { errors })]), { path: '' });
  t.true(text.length <= MAX_COMMENT_LENGTH);
  t.regex(text, /and more that does not fit/);
});

test('nothing of a manifest becomes markup, a mention or the end of a fence', (t) => {
  const text = planMarkdown(plan([application([object('<b>@octocat', '+```\n+</details> @octocat')], { errors: [{ path: 'a.yaml', reason: 'X', message: 'see `@octocat`\n# big' }] })], ['@octocat']), { path: '' });
  t.true(text.includes('````diff\n+```'));
  t.true(text.includes('&lt;b&gt;&#64;octocat'));
  t.true(text.includes('`` see `@octocat` # big ``'));
  t.true(text.includes('- `@octocat`'));
});
