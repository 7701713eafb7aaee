import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { deletionOf, planPrune, type PruneCandidate } from '#sync/apply/prune.ts';

function candidate(kind: string, name: string, live: Partial<KubeObject['metadata']> | null = {}): PruneCandidate {
  const metadata = { name, uid: `uid-${name}`, labels: { 'headway.dev/application': 'ns.app' }, ...live };
  return { identity: `${kind}/${name}`, entry: { group: '', version: 'v1', kind, namespace: 'default', name, path: 'a.yaml' }, live: live === null ? undefined : ({ apiVersion: 'v1', kind, metadata } as KubeObject) };
}
const names = (candidates: readonly PruneCandidate[]): readonly string[] => candidates.map((c) => c.entry.name);

test('deletions go the way of creation backwards', (t) => {
  const { waves } = planPrune([candidate('Namespace', 'ns'), candidate('ConfigMap', 'config'), candidate('Deployment', 'late', { annotations: { 'argocd.argoproj.io/sync-wave': '2' } }), candidate('Deployment', 'web')], { label: 'ns.app' });
  t.deepEqual(waves.map(names), [['late'], ['web', 'config', 'ns']]);
});

test('only what carries the label of the application, unprotected and present, is deleted', (t) => {
  const { waves, kept } = planPrune([
    candidate('ConfigMap', 'ours'), candidate('ConfigMap', 'gone', null), candidate('ConfigMap', 'going', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    candidate('ConfigMap', 'theirs', { labels: { 'headway.dev/application': 'ns.other' } }), candidate('ConfigMap', 'unlabelled', { labels: {} }),
    candidate('ConfigMap', 'protected', { annotations: { 'headway.dev/prune': 'disabled' } }),
    candidate('ConfigMap', 'argo', { annotations: { 'argocd.argoproj.io/sync-options': 'Validate=false, Prune=false' } }),
  ], { label: 'ns.app' });
  t.deepEqual(waves.map(names), [['ours']]);
  t.deepEqual(names(kept), ['theirs', 'unlabelled', 'protected', 'argo']);
});

test('a deletion names the object that was seen, not one made since under its name', (t) => {
  t.deepEqual(deletionOf(candidate('ConfigMap', 'a')), { delete: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a', uid: 'uid-a' } });
});
