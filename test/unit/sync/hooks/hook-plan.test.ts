import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { HOOK_RUN_ANNOTATION, planHooks } from '#sync/hooks/hook-plan.ts';
import { SCHEME } from '#test/support/desired.ts';

const hook = (metadata: object): { readonly object: KubeObject; readonly path: string; readonly line: number; readonly lineOf: () => number } =>
  ({ object: { apiVersion: 'batch/v1', kind: 'Job', metadata } as unknown as KubeObject, path: 'a.yaml', line: 1, lineOf: () => 1 });
const plan = (metadata: object, record: string) =>
  planHooks([hook(metadata)], { record, provenance: { commit: 'c0ffee', author: 'Ada' }, context: { scheme: SCHEME, label: 'ns.app', destinationNamespace: 'default' } });

test('a hook of two phases runs in both, each run told apart by its sync', (t) => {
  const hooks = plan({ name: 'a', annotations: { 'headway.dev/hook': 'PreSync,PostSync' } }, 'app-1');
  t.deepEqual(hooks.map(({ phase, desired }) => [phase, desired.object.metadata.annotations?.[HOOK_RUN_ANNOTATION]]), [['PreSync', 'app-1/PreSync'], ['PostSync', 'app-1/PostSync']]);
});

test('a name that is made up is the same for one sync, another for the next', (t) => {
  const metadata = { generateName: 'smoke-', annotations: { 'headway.dev/hook': 'PostSync' } };
  const nameOf = (record: string) => plan(metadata, record)[0]?.desired.object.metadata.name;
  t.regex(nameOf('app-1') ?? '', /^smoke-[0-9a-f]{8}$/);
  t.is(nameOf('app-1'), nameOf('app-1'));
  t.not(nameOf('app-1'), nameOf('app-2'));
});
