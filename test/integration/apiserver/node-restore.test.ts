import test from 'ava';
import { isStatus, StatusError } from '#api/status-error.ts';
import type { NodeRestore } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const nodeUser = (name: string) => ({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] });
const pod = (node: string, name: string) => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name, namespace: 'restored', uid: `uid-of-${name}`, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `owner-of-${name}`, uid: `owner-uid-of-${name}`, controller: true }] },
  spec: { nodeName: node, containers: [{ name: 'c', image: 'i' }] }, status: { phase: 'Running' },
});

function restore(node: string, pods: readonly object[], user = nodeUser(node)) {
  const body = { apiVersion: 'headway.dev/v1', kind: 'NodeRestore', metadata: { name: node }, spec: { nodeName: node, storeID: plane.store.storeId, pods } };
  return plane.server.handle({ method: 'POST', path: '/apis/headway.dev/v1/noderestores', body }, user);
}

test('pods are taken over under their UIDs, and their owners get the UIDs that the pods name', async (t) => {
  const answer = await restore('n1', [pod('n1', 'a'), pod('other', 'b')]);
  t.is(answer.status, 201);
  const { status } = answer.body as NodeRestore;
  t.deepEqual(status?.restored, ['restored/a']);
  t.is(status?.rejected[0]?.pod, 'restored/b');
  const found = await plane.server.handle({ method: 'GET', path: '/api/v1/namespaces/restored/pods/a' }, ADMIN);
  t.is((found.body as KubeObject).metadata.uid, 'uid-of-a');
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const body = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'owner-of-a' }, spec: { selector: { matchLabels: { app: 'a' } }, template } };
  const made = await plane.server.handle({ method: 'POST', path: '/apis/apps/v1/namespaces/restored/replicasets', body }, ADMIN);
  t.is((made.body as KubeObject).metadata.uid, 'owner-uid-of-a');
});

test('a node restores once, and only itself', async (t) => {
  t.is((await restore('n2', [pod('n2', 'c')])).status, 201);
  t.is((await restore('n2', [pod('n2', 'd')])).status, 409);
  const foreign = await restore('n3', [], nodeUser('n4'));
  t.true(isStatus(StatusError.fromStatus(foreign.body as Status), 'Forbidden'));
});

test('a restored pod gives its node what its owner declares, and nothing that only the node says', async (t) => {
  const node = nodeUser('n5');
  const reported = pod('n5', 'e');
  await restore('n5', [{ ...reported, spec: { ...reported.spec, serviceAccountName: 'powerful', imagePullSecrets: [{ name: 'treasure' }] } }]);
  const post = (path: string, body: object) => plane.server.handle({ method: 'POST', path, body }, ADMIN);
  for (const name of ['powerful', 'modest']) await post('/api/v1/namespaces/restored/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  for (const name of ['treasure', 'own']) await post('/api/v1/namespaces/restored/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name } });
  const read = async (secret: string) => (await plane.server.handle({ method: 'GET', path: `/api/v1/namespaces/restored/secrets/${secret}` }, node)).status;
  const token = async (account: string) => (await plane.server.handle({
    method: 'POST', path: `/api/v1/namespaces/restored/serviceaccounts/${account}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'e', uid: 'uid-of-e' } } },
  }, node)).status;
  t.deepEqual([await read('treasure'), await token('powerful')], [403, 403]);
  const template = { metadata: { labels: { app: 'e' } }, spec: { serviceAccountName: 'modest', imagePullSecrets: [{ name: 'own' }], containers: [{ name: 'c', image: 'i' }] } };
  await post('/apis/apps/v1/namespaces/restored/replicasets', { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'owner-of-e' }, spec: { selector: { matchLabels: { app: 'e' } }, template } });
  await plane.cache.sync();
  t.deepEqual([await read('treasure'), await token('powerful'), await read('own')], [403, 403, 200]);
  const live = (await plane.server.handle({ method: 'GET', path: '/api/v1/namespaces/restored/pods/e' }, ADMIN)).body as KubeObject;
  const unmarked = await plane.server.handle({ method: 'PUT', path: '/api/v1/namespaces/restored/pods/e/status', body: { ...live, metadata: { ...live.metadata, annotations: {} } } }, node);
  t.is(unmarked.status, 403);
});

test('a pod that could not be created is not restored', async (t) => {
  const broken = pod('n6', 'f');
  const answer = await restore('n6', [{ ...broken, spec: { ...broken.spec, containers: [] } }]);
  t.regex((answer.body as NodeRestore).status?.rejected[0]?.reason ?? '', /spec\.containers: Required value/);
});
