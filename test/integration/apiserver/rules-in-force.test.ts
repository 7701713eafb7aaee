import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';

const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
const CLASSES = '/apis/scheduling.k8s.io/v1/priorityclasses';
/** So many at once that the cache of the server is some writes behind the store. */
const ACTORS = Array.from({ length: 16 }, (_, i) => `actor-${i}`);
const ROUNDS = 5;

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane.stop());

async function write(method: 'POST' | 'DELETE' | 'PATCH', path: string, body?: object): Promise<KubeObject> {
  const answer = await plane.server.handle({ method, path, body, ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}) }, ADMIN);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body as KubeObject;
}
const inTurns = (act: (name: string) => Promise<void>): Promise<unknown> => Promise.all(ACTORS.map(async (name) => {
  for (let i = 0; i < ROUNDS; i++) await act(name);
}));

test('who is told of a binding has it in force, and has lost it when told of its end', async (t) => {
  await inTurns(async (name) => {
    const read = async () => (await plane.server.handle({ method: 'GET', path: '/api/v1/namespaces/default/configmaps' }, { name, groups: ['system:authenticated'] })).status;
    await write('POST', BINDINGS, { metadata: { name }, subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' } });
    t.is(await read(), 200);
    await write('DELETE', `${BINDINGS}/${name}`);
    t.is(await read(), 403);
  });
});

test('who is told of a class, a limit or a level of security meets it with the next pod', async (t) => {
  for (const name of ACTORS) {
    await write('POST', '/api/v1/namespaces', { metadata: { name } });
    await write('POST', `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
  }
  await inTurns(async (name) => {
    const namespace = `/api/v1/namespaces/${name}`;
    const tryPod = async (spec: object) => (await plane.server.handle({ method: 'POST', path: `${namespace}/pods`, query: { dryRun: 'All' }, body: { metadata: { name: 'tried' }, spec: { containers: [{ name: 'c', image: 'example.org/c:1' }], ...spec } } }, ADMIN)).status;
    await write('POST', CLASSES, { metadata: { name }, value: 7 });
    t.is(await tryPod({ priorityClassName: name }), 201);
    await write('DELETE', `${CLASSES}/${name}`);
    t.is(await tryPod({ priorityClassName: name }), 403);
    await write('POST', `${namespace}/limitranges`, { metadata: { name: 'limits' }, spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } });
    t.is(await tryPod({ containers: [{ name: 'c', image: 'example.org/c:1', resources: { limits: { cpu: '2' } } }] }), 403);
    await write('DELETE', `${namespace}/limitranges/limits`);
    const enforce = (level: string | null) => write('PATCH', namespace, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
    await enforce('baseline');
    t.is(await tryPod({ hostNetwork: true }), 403);
    await enforce(null);
    t.is(await tryPod({ hostNetwork: true }), 201);
  });
});
