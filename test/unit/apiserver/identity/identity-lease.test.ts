import test from 'ava';
import type { Lease } from '#api/generated/coordination/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { IdentityLease } from '#apiserver/identity/identity-lease.ts';
import { serverIdentity } from '#apiserver/identity/server-identity.ts';
import { formatMicroTime } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { waitFor } from '#test/support/wait.ts';

const NAME = 'apiserver-lgabes5ywnaqeagh5dny4zlzs4';
const leases = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
const IDENTITY = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' };

test('an API server has the name that Kubernetes gives it on the same machine', (t) => {
  t.is(serverIdentity('node-1'), NAME);
  t.is(serverIdentity('a'), 'apiserver-2tpgmlbwcz6wvzejdfn7mej2p4');
});

test('an API server tells that it is there, renews that, takes over from the one before it, and clears away what is no more', async (t) => {
  const api = await startInProcessApi(t);
  const clock = new ManualClock(Date.now());
  const send = async (method: ApiRequest['method'], path: string, body?: unknown): Promise<Lease & KubeObject> => (await api.handle({ method, path, ...(body === undefined ? {} : { body }) }, ADMIN)).body as Lease & KubeObject;
  const list = async (): Promise<readonly KubeObject[]> => ((await api.handle({ method: 'GET', path: leases('kube-system') }, ADMIN)).body as unknown as { readonly items: readonly KubeObject[] }).items;
  let known: readonly KubeObject[] = [];
  const cache = { list: () => ({ items: known.map((object) => ({ object })) }) } as unknown as WatchCache;
  const begin = (): IdentityLease => {
    const lease = new IdentityLease({ cache, clock, log, api, hostname: 'node-1' });
    t.teardown(() => lease.stop());
    lease.start();
    return lease;
  };
  const holder = (): Promise<string | undefined> => send('GET', `${leases('kube-system')}/${NAME}`).then(({ spec }) => spec?.holderIdentity);

  const make = (namespace: string, name: string, hours: number, labels: object = IDENTITY) =>
    send('POST', leases(namespace), { metadata: { name, labels }, spec: { holderIdentity: name, leaseDurationSeconds: 3600, renewTime: formatMicroTime(clock.now() - hours * 3_600_000) } });
  await make('kube-system', 'expired', 2);
  await make('kube-system', 'fresh', 0);
  await make('kube-system', 'unlabelled', 2, {});
  await send('POST', leases('kube-system'), { metadata: { name: 'without-times', labels: IDENTITY } });
  known = await list();

  const first = begin();
  await waitFor(async () => !(await list()).some(({ metadata }) => metadata.name === 'without-times'), { what: 'the last of the old leases is gone' });
  t.deepEqual((await list()).map(({ metadata }) => metadata.name).toSorted(), [NAME, 'fresh', 'unlabelled']);
  const made = await send('GET', `${leases('kube-system')}/${NAME}`);
  t.like(made, { metadata: { labels: { ...IDENTITY, 'kubernetes.io/hostname': 'node-1' } }, spec: { leaseDurationSeconds: 3600, renewTime: formatMicroTime(clock.now()) } });
  t.regex(made.spec?.holderIdentity ?? '', new RegExp(`^${NAME}_[0-9a-f-]{36}$`));
  known = [];

  const renewed = async (): Promise<boolean> => (await send('GET', `${leases('kube-system')}/${NAME}`)).spec?.renewTime === formatMicroTime(clock.now());
  await waitFor(async () => {
    await clock.advance(600_000);
    return renewed();
  }, { what: 'the lease is renewed' });
  t.is(await holder(), made.spec?.holderIdentity);
  await first.stop();
  begin();
  await waitFor(async () => (await holder()) !== made.spec?.holderIdentity, { what: 'another holder' });
});

test('a server that knows its machine tells of itself when it has started', async (t) => {
  const api = await startInProcessApi(t, { hostname: 'node-1' });
  t.true(await waitFor(async () => (await api.handle({ method: 'GET', path: `${leases('kube-system')}/${NAME}` }, ADMIN)).status === 200, { what: 'the lease' }));
});
