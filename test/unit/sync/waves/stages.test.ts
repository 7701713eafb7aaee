import test from 'ava';
import { hookOf, type HookPhase } from '#sync/hooks/hook.ts';
import type { PlannedHook } from '#sync/hooks/hook-plan.ts';
import { failStages, planStages, type Stage } from '#sync/waves/stages.ts';
import { desired } from '#test/support/desired.ts';

const hook = (what: string, phase: HookPhase, wave = '0'): PlannedHook => {
  const object = desired(what, { 'headway.dev/hook': phase, 'headway.dev/wave': wave });
  return { phase, declaration: hookOf(object.object) ?? { phases: [], deletions: new Set() }, desired: object };
};
const shown = (stages: readonly Stage[]): readonly string[] =>
  stages.map(({ phase, wave, objects, hooks, awaitsHealth }) => `${phase} ${wave}: ${[...objects, ...hooks.map((one) => one.desired)].map(({ object }) => object.metadata.name).join(' ')}${awaitsHealth ? ' ...' : ''}`);

test('objects without waves and hooks are one stage, for whose health nothing waits', (t) => {
  t.deepEqual(shown(planStages([desired('Deployment web'), desired('Namespace ns'), desired('ConfigMap a')], [])), ['Sync 0: ns a web']);
});

test('waves follow one another, each waiting for the one before', (t) => {
  const stages = planStages([desired('ConfigMap late', { 'argocd.argoproj.io/sync-wave': '2' }), desired('ConfigMap a'), desired('ConfigMap early', { 'headway.dev/wave': '-1' })], []);
  t.deepEqual(shown(stages), ['Sync -1: early ...', 'Sync 0: a ...', 'Sync 2: late']);
});

test('hooks stand before, within and after, ordered by wave or by Helm\'s weight', (t) => {
  const weighted: PlannedHook = { ...hook('Job heavy', 'PreSync'), desired: desired('Job heavy', { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-weight': '5' }) };
  const stages = planStages([desired('ConfigMap a')], [hook('Job after', 'PostSync'), weighted, hook('Job with', 'Sync'), hook('Job light', 'PreSync', '-5')]);
  t.deepEqual(shown(stages), ['PreSync -5: light ...', 'PreSync 5: heavy ...', 'Sync 0: a with ...', 'PostSync 0: after']);
});

test('definitions go before their objects, in the same wave', (t) => {
  t.deepEqual(shown(planStages([desired('ConfigMap a'), desired('CustomResourceDefinition b.c')], [hook('Job with', 'Sync')])), ['Sync 0: b.c', 'Sync 0: a with']);
});

test('a namespace that a first hook needs is there before it', (t) => {
  t.deepEqual(shown(planStages([desired('Namespace default'), desired('ConfigMap a')], [hook('Job first', 'PreSync')])), ['PreSync -Infinity: default ...', 'PreSync 0: first ...', 'Sync 0: a']);
});

test('hooks for a failure are no part of a sync that goes well', (t) => {
  const hooks = [hook('Job sorry', 'SyncFail')];
  t.deepEqual(planStages([], hooks), []);
  t.deepEqual(shown(failStages(hooks)), ['SyncFail 0: sorry']);
});
