import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import { CERTIFICATE_SIGNING_REQUESTS, CLUSTER_ROLES, SECRETS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
import { controllerUser, startControllers } from '#controller/start-controllers.ts';
import { createControllers } from '#controllers/registry.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { ADMIN, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

async function setUp(t: ExecutionContext): Promise<(user: UserInfo) => Client> {
  const plane = await startControlPlane();
  const as = (user: UserInfo): Client => createClient(inProcessTransport(plane.server, user, 'test'));
  const manager = as({ name: 'system:kube-controller-manager', groups: ['system:authenticated'] });
  const informers = createInformerFactory({ client: manager, log, clock: systemClock });
  const queues = createBullQueueFactory({ socketPath: join(plane.directory, 'run/redis.sock'), prefix: '{test}:queue', log });
  const own = new Set(['certificate-controller', 'clusterrole-aggregation-controller', 'token-cleaner']);
  const definitions = createControllers({ rootCa: 'CA' }).filter(({ name }) => own.has(name));
  const controllers = startControllers({ definitions, clientOf: (name) => as(controllerUser(name)), informers, queues, clock: systemClock, log, randomSuffix });
  const stop = new AbortController();
  t.teardown(async () => {
    stop.abort();
    await controllers.stop();
    await queues.close();
    await plane.stop();
  });
  informers.start(stop.signal);
  await informers.synced();
  return as;
}

test('each does its work under its own rights: node certificates, sums of roles, tokens that are over', async (t) => {
  const as = await setUp(t);
  const admin = as(ADMIN);
  const RBAC = 'rbac.authorization.k8s.io';

  const bootstrapper: UserInfo = { name: 'system:bootstrap:aaaaaa', groups: ['system:bootstrappers', 'system:authenticated'] };
  for (const role of ['system:node-bootstrapper', 'system:certificates.k8s.io:certificatesigningrequests:nodeclient']) {
    await admin.create({ ...CLUSTER_ROLES, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding' }, {
      apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name: `test:${role}` }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role }, subjects: [{ kind: 'Group', apiGroup: RBAC, name: 'system:bootstrappers' }],
    } as never);
  }
  const { request } = await certificateRequest({ commonName: 'system:node:n1', organizations: ['system:nodes'] });
  const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] } as const;
  await waitFor(() => as(bootstrapper).create(CERTIFICATE_SIGNING_REQUESTS, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'node' }, spec }), { what: 'the right to ask' });
  const signed = await waitFor(async () => {
    const { status } = await admin.get(CERTIFICATE_SIGNING_REQUESTS, { name: 'node' });
    return status?.certificate ? status : undefined;
  }, { what: 'the certificate of the node' });
  t.is(signed.conditions?.[0]?.reason, 'AutoApproved');

  const rules = [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] }];
  await admin.create(CLUSTER_ROLES, { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: 'things', labels: { [`${RBAC}/aggregate-to-view`]: 'true' } }, rules });
  for (const name of ['view', 'edit', 'admin']) {
    await waitFor(async () => (await admin.get(CLUSTER_ROLES, { name })).rules?.some((rule) => rule.resources?.includes('things')), { what: `the rule in ${name}` });
  }

  const data = { expiration: Buffer.from('2020-01-01T00:00:00Z').toString('base64') };
  await admin.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', type: 'bootstrap.kubernetes.io/token', metadata: { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' }, data });
  await waitFor(() => admin.get(SECRETS, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' }).then(() => false, (error: unknown) => isStatus(error, 'NotFound')), { what: 'the end of the token' });
  t.pass();
});
