import test from 'ava';
import { createsNamespace, syncOptions, type SyncOptions } from '#sync/apply/sync-options.ts';

const DEFAULTS: SyncOptions = { prune: 'delete', delete: 'delete', recreates: 'never', replaces: false, isLenient: false, awaitsKind: false, apply: 'always' };
const cases: readonly { readonly annotations: Readonly<Record<string, string>>; readonly is: Partial<SyncOptions> }[] = [
  { annotations: {}, is: {} },
  { annotations: { 'headway.dev/prune': 'disabled' }, is: { prune: 'keep', delete: 'keep' } },
  { annotations: { 'headway.dev/prune': 'confirm' }, is: { prune: 'confirm' } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'Validate=false, Prune=false' }, is: { isLenient: true, prune: 'keep', delete: 'keep' } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=false' }, is: { prune: 'confirm', delete: 'keep' } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=confirm' }, is: { delete: 'confirm' } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' }, is: { recreates: 'whenChanged' } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'Force=true' }, is: { recreates: 'whenRefused' } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' }, is: { awaitsKind: true } },
  { annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' }, is: { replaces: true } },
  { annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }, is: { prune: 'keep', delete: 'keep' } },
  { annotations: { 'kustomize.toolkit.fluxcd.io/force': 'Enabled' }, is: { recreates: 'whenRefused' } },
  { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' }, is: { apply: 'ignored' } },
  { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' }, is: { apply: 'once' } },
  { annotations: { 'helm.sh/resource-policy': 'keep' }, is: { prune: 'keep', delete: 'keep' } },
];
for (const { annotations, is } of cases) {
  test(JSON.stringify(annotations), (t) => t.deepEqual(syncOptions({ metadata: { name: 'a', annotations } }), { ...DEFAULTS, ...is }));
}

test('an Application may ask for its namespace', (t) => {
  t.true(createsNamespace({ metadata: { name: 'a', annotations: { 'argocd.argoproj.io/sync-options': 'CreateNamespace=true' } } }));
  t.false(createsNamespace({ metadata: { name: 'a' } }));
});
