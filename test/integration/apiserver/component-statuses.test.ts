import test from 'ava';
import type { ComponentStatusList } from '#api/generated/core/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import { formatMicroTime } from '#base/clock.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { kubectlOf } from '#test/support/kubectl.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const PATH = '/api/v1/componentstatuses';
const send = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => plane.server.handle({ method, path, ...(body ? { body } : {}) }, ADMIN);
const holdLease = (name: string, renewTime: string) => send('POST', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', {
  apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime },
});

test.serial('the store is a component, with the warning that the kind is deprecated', async (t) => {
  const answer = await send('GET', PATH);
  t.deepEqual(answer.warnings, ['v1 ComponentStatus is deprecated in v1.19+']);
  t.deepEqual((answer.body as ComponentStatusList).items.map((i) => [i.metadata.name, i.conditions?.[0]?.status]), [['etcd-0', 'True']]);
  t.is((await send('GET', `${PATH}/etcd-0`)).status, 200);
  t.is(((await send('GET', `${PATH}/other`)).body as Status).message, 'componentstatuses "other" not found');
});

test.serial('parts that run alone are as healthy as their leases, and nothing can be written', async (t) => {
  await holdLease('kube-scheduler', formatMicroTime(Date.now()));
  await holdLease('kube-controller-manager', '2020-01-02T03:04:05.000000Z');
  const { items } = (await send('GET', PATH)).body as ComponentStatusList;
  t.deepEqual(items.map((i) => [i.metadata.name, i.conditions?.[0]?.status, i.conditions?.[0]?.error]), [
    ['controller-manager', 'False', 'me has not renewed its lease'], ['etcd-0', 'True', undefined], ['scheduler', 'True', undefined]]);
  t.regex(await kubectlOf(plane)('get', 'cs'), /etcd-0 +Healthy +ok/);
  t.is((await send('DELETE', `${PATH}/scheduler`)).status, 405);
  t.is((await send('POST', PATH, { metadata: { name: 'x' } })).status, 405);
});
