import test from 'ava';
import { CONFIG_MAPS, ROLE_BINDINGS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { httpTransport } from '#client/http-transport.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
import { submitTransaction } from '#sync/apply/transaction.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

const ACCOUNT = 'system:serviceaccount:default:deployer';
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
  await createClient(inProcessTransport(plane.server, ADMIN, 'test')).create(ROLE_BINDINGS, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { namespace: 'default', name: 'deployer' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'deployer' }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
  });
  // The authorizer learns of roles by a watch.
  const deployer = createClient(inProcessTransport(plane.server, ADMIN, 'test')).as(ACCOUNT);
  await waitFor(() => deployer.list(CONFIG_MAPS, { namespace: 'default' }), { what: 'the rights of the account' });
});
test.after.always(() => plane.stop());

const clients: Readonly<Record<string, () => Client>> = {
  'over HTTPS': () => createClient(httpTransport({ server: plane.url, ca: plane.pki.ca, ...plane.pki.admin, userAgent: 'test' })),
  'in process': () => createClient(inProcessTransport(plane.server, ADMIN, 'test')),
};
const config = (namespace: string, name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } });

for (const [way, connect] of Object.entries(clients)) {
  test(`a client that acts as a service account has its rights and no more, ${way}`, async (t) => {
    const deployer = connect().as(ACCOUNT);
    const name = `of-${way.replaceAll(' ', '-').toLowerCase()}`;
    await deployer.create(CONFIG_MAPS, config('default', name));
    const error = await t.throwsAsync(deployer.create(CONFIG_MAPS, config('kube-system', name)));
    t.true(isStatus(error, 'Forbidden') && error.message.includes(ACCOUNT), error.message);
    const { value } = await deployer.watch(CONFIG_MAPS, { namespace: 'kube-system', resourceVersion: '0' })[Symbol.asyncIterator]().next().catch((refused: unknown) => ({ value: refused }));
    t.true(isStatus(value, 'Forbidden'));
  });

  test(`each item of a transaction needs the rights of whom it acts as, ${way}`, async (t) => {
    const items = [{ apply: config('default', 'fine') }, { apply: config('kube-system', 'not-fine') }];
    const [fine, refused] = await submitTransaction(connect().as(ACCOUNT), items, { signal: AbortSignal.timeout(10_000) });
    t.is(fine?.error, undefined);
    t.is(refused?.error?.reason, 'Forbidden');
  });
}

test('whoever may not impersonate is refused in process too', async (t) => {
  const client = createClient(inProcessTransport(plane.server, { name: 'eve', groups: ['system:authenticated'] }, 'test'));
  const error = await t.throwsAsync(client.as(ACCOUNT).list(CONFIG_MAPS, { namespace: 'default' }));
  t.true(isStatus(error, 'Forbidden') && error.message.includes('cannot impersonate'), error.message);
});
