import test from 'ava';
import { CLUSTER_ROLES, CONFIG_MAPS, SECRETS } from '#api/resources.ts';
import { startSyncBench } from '#test/support/sync-bench.ts';

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: { a: "1" }\n`;

test('what editors, generators and charts write is applied as kubectl would', async (t) => {
  const bench = await startSyncBench(t, {
    'apps/crlf.yaml': config('crlf').replaceAll('\n', '\r\n'), 'apps/mark.yaml': `\uFEFF${config('mark')}`,
    'apps/empty.yaml': `---\n---\n# nothing\n---\n${config('third')}---\n...\n---\n`, 'apps/Case.yaml': config('case'),
    'apps/list.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMapList', items: [{ metadata: { name: 'listed' } }] }),
    'apps/anchor.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: anchor\n  labels: &l { a: b }\n  annotations: { <<: *l, c: d }\n',
    'apps/secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: { name: word }\nstringData: { a: hello }\n',
    'apps/role.yaml': 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: odd, namespace: default }\nrules: []\n',
  });
  const { status } = await bench.synced();
  t.is(status?.inventory?.length, 8);
  for (const name of ['crlf', 'mark', 'third', 'listed', 'case']) t.truthy(await bench.find(CONFIG_MAPS, name), name);
  t.deepEqual((await bench.find(CONFIG_MAPS, 'crlf'))?.data, { a: '1' });
  t.like((await bench.find(CONFIG_MAPS, 'anchor'))?.metadata.annotations, { a: 'b', c: 'd' });
  t.is((await bench.find(SECRETS, 'word'))?.data?.['a'], Buffer.from('hello').toString('base64'));
  t.is((await bench.find(CLUSTER_ROLES, 'odd'))?.metadata.namespace, undefined);

  const before = (await bench.find(CONFIG_MAPS, 'case'))?.metadata.uid;
  await bench.synced(bench.repository.commit({ 'apps/Case.yaml': null, 'apps/case.yaml': config('case') }));
  const after = await bench.find(CONFIG_MAPS, 'case');
  t.deepEqual([after?.metadata.uid, after?.metadata.annotations?.['headway.dev/path']], [before, 'apps/case.yaml']);
});
