import { join } from 'node:path';
import test from 'ava';
import { exec, ROOT } from '#test/support/headway.ts';
import { configMapYaml } from '#test/support/plan-bench.ts';
import { startServer } from '#test/support/server.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

test('headway plan --against live asks the cluster of a kubeconfig', async (t) => {
  t.timeout(180_000);
  const server = await startServer();
  t.teardown(() => server.stop());
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({ 'apps/config.yaml': configMapYaml('config', 'one'), 'apps/lost.yaml': configMapYaml('lost', 'one').replace('name: lost', 'name: lost\n  namespace: nowhere') });
  repository.git('checkout', '--quiet', '-b', 'change');
  repository.commit({ 'apps/config.yaml': configMapYaml('config', 'two'), 'apps/lost.yaml': configMapYaml('lost', 'two').replace('name: lost', 'name: lost\n  namespace: nowhere') });
  const plan = (...flags: readonly string[]): ReturnType<typeof exec> => exec(join(ROOT, 'bin/headway'), ['plan', '--repo', repository.path, '--head', 'change', '--path', 'apps', ...flags]);
  t.regex((await plan()).stdout, /~ ConfigMap default\/config/);
  const live = await plan('--against', 'live', '--kubeconfig', server.kubeconfig);
  t.is(live.code, 2);
  // Nothing of it was ever applied, and only the cluster knows that there is no such namespace.
  t.regex(live.stdout, /\+ ConfigMap default\/config/);
  t.regex(live.stdout, /✘ apps\/lost.yaml:5 ConfigMap nowhere\/lost: namespaces "nowhere" not found/);
  const unreachable = await plan('--against', 'live', '--kubeconfig', join(repository.path, 'nothing'));
  t.is(unreachable.code, 2);
  t.regex(unreachable.stderr, /cannot be read as a kubeconfig/);
});
