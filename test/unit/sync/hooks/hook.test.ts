import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { hookOf, hookProblem } from '#sync/hooks/hook.ts';

const object = (annotations: Readonly<Record<string, string>>): KubeObject => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a', annotations } });

const cases = [
  { annotations: {}, is: undefined },
  { annotations: { 'argocd.argoproj.io/hook': 'PreSync' }, is: { phases: ['PreSync'], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'argocd.argoproj.io/hook': 'PreSync, PostSync', 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded,HookFailed' }, is: { phases: ['PreSync', 'PostSync'], deletions: ['HookSucceeded', 'HookFailed'] } },
  { annotations: { 'argocd.argoproj.io/hook': 'Skip' }, is: { phases: [], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'headway.dev/hook': 'SyncFail', 'argocd.argoproj.io/hook': 'PreSync' }, is: { phases: ['SyncFail'], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-delete-policy': 'hook-succeeded' }, is: { phases: ['PreSync'], deletions: ['HookSucceeded'] } },
  { annotations: { 'helm.sh/hook': 'post-upgrade,post-rollback' }, is: { phases: ['PostSync'], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'argocd.argoproj.io/hook': 'PreDelete,PostDelete' }, is: { phases: ['PreDelete', 'PostDelete'], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'helm.sh/hook': 'pre-delete,post-delete' }, is: { phases: ['PreDelete', 'PostDelete'], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'helm.sh/hook': 'test' }, is: { phases: [], deletions: ['BeforeHookCreation'] } },
  { annotations: { 'helm.sh/hook': 'crd-install' }, is: undefined },
  { annotations: { 'helm.sh/hook': 'pre-install', 'argocd.argoproj.io/hook': 'PostSync' }, is: { phases: ['PostSync'], deletions: ['BeforeHookCreation'] } },
] as const;
for (const { annotations, is } of cases) {
  test(`${JSON.stringify(annotations)} is ${is ? `a hook of ${is.phases.join(', ') || 'no sync'}` : 'no hook'}`, (t) => {
    const hook = hookOf(object(annotations));
    t.is(hook && `${hook.phases.join()} ${[...hook.deletions].join()}`, is && `${is.phases.join()} ${is.deletions.join()}`);
  });
}

test('a word that is no hook is a problem, a word of Helm is not', (t) => {
  t.regex(hookProblem(object({ 'argocd.argoproj.io/hook': 'PreSync,Presync' }))?.message ?? '', /"Presync" is none of PreSync, Sync, PostSync, SyncFail/);
  t.is(hookProblem(object({ 'argocd.argoproj.io/hook': 'PostDelete' })), undefined);
  t.is(hookProblem(object({ 'helm.sh/hook': 'whatever' })), undefined);
});

test('an annotation that is no text is no hook', (t) => {
  t.is(hookOf(object({ 'headway.dev/hook': 1 } as unknown as Record<string, string>)), undefined);
});
