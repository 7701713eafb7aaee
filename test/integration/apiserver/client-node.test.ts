import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import test from 'ava';
import { startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

/** Kubernetes' own JavaScript client, as it is. */
test('the Kubernetes client library for JavaScript creates, lists, watches by informer, and reads a failure', async (t) => {
  const plane = await startControlPlane();
  t.teardown(() => plane.stop());
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const namespace = 'default';
  const create = (name: string): Promise<V1ConfigMap> => api.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: 'b' } } });
  await create('before');

  const seen: string[] = [];
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () => api.listNamespacedConfigMap({ namespace }));
  for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata?.name}`));
  t.teardown(() => informer.stop());
  await informer.start();

  const created = await create('after');
  t.truthy(created.metadata?.uid);
  await api.replaceNamespacedConfigMap({ namespace, name: 'after', body: { ...created, data: { a: 'c' } } });
  await api.deleteNamespacedConfigMap({ namespace, name: 'after' });
  await waitFor(() => seen.includes('delete after'), { what: 'the deletion in the informer' });
  t.deepEqual(seen.filter((s) => !s.includes('kube-root-ca')), ['add before', 'add after', 'update after', 'delete after']);
  const missing = await t.throwsAsync(api.readNamespacedConfigMap({ namespace, name: 'after' }));
  t.regex(missing?.message ?? '', /HTTP-Code: 404[^]*not found/);
});
