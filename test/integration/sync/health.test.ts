import test from 'ava';
import type { HealthOverride } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS } from '#api/resources.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const FILES = { 'apps/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {state: bad}\n' };

const setHealth = (bench: SyncBench, health: readonly HealthOverride[]) =>
  bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { health } } });
const healthBecomes = (bench: SyncBench, reason: string, message: string): Promise<unknown> =>
  waitFor(async () => (await bench.application()).status?.conditions?.some((c) => c.type === 'Healthy' && c.reason === reason && c.message.includes(message)), { what: `health ${reason}: ${message}` });

test.serial('expressions of spec.health judge the objects; a wrong one is refused', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  await healthBecomes(bench, 'Healthy', '1 object');
  await setHealth(bench, [{ kind: 'ConfigMap', degraded: 'object.data.state == "bad"', healthy: 'true', message: '"state " + object.data.state' }]);
  await healthBecomes(bench, 'Degraded', 'ConfigMap default/a (apps/a.yaml:1): state bad');
  await t.throwsAsync(setHealth(bench, [{ kind: 'ConfigMap', degraded: 'object.data.state = "bad"' }]), { message: /spec\.health\[0\]\.degraded: Invalid value: .*ERROR/ });
  await setHealth(bench, []);
  await healthBecomes(bench, 'Healthy', '1 object');
});

test.serial('an object with argocd.argoproj.io/ignore-healthcheck does not count', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  await setHealth(bench, [{ kind: 'ConfigMap', degraded: 'object.data.state == "bad"', healthy: 'true' }]);
  await healthBecomes(bench, 'Degraded', 'apps/a.yaml:1');
  await bench.synced(bench.repository.commit({ 'apps/a.yaml': FILES['apps/a.yaml'].replace('  name: a', '  name: a\n  annotations: {argocd.argoproj.io/ignore-healthcheck: "true"}') }));
  await healthBecomes(bench, 'Healthy', '1 object');
  t.truthy(await bench.find(CONFIG_MAPS, 'a'));
});

test.serial('an Application in Git counts by its own conditions, but not where it declares itself', async (t) => {
  const application = (name: string, path: string): string => `apiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: ${name}, namespace: headway-system}\nspec: {repository: root, path: ${path}}\n`;
  const bench = await startSyncBench(t, { 'apps/root.yaml': application('root', 'apps'), 'apps/child.yaml': application('child', 'children'), 'children/b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n' });
  await healthBecomes(bench, 'Healthy', '2 objects');
  bench.repository.commit({ 'children/b.yaml': 'apiVersion: v1\nkind: Gadget\nmetadata: {name: b}\n' });
  await healthBecomes(bench, 'Degraded', 'Application headway-system/child (apps/child.yaml:1): children/b.yaml:2');
  t.pass();
});
