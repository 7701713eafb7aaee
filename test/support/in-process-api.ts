import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ApiHandler } from '#api/transport.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { loadSchema } from '#api/schema.ts';
import { notFound } from '#api/status-error.ts';
import { PolicyAdmission } from '#apiserver/admission/policies.ts';
import { InProcessHandler } from '#apiserver/in-process-handler.ts';
import { RbacAuthorizer } from '#apiserver/authz/rbac.ts';
import { ServiceAccountTokens } from '#apiserver/authn/service-account-tokens.ts';
import { ensurePki } from '#apiserver/pki/pki.ts';
import { ServiceAllocator } from '#apiserver/registry/core/service-allocator.ts';
import { UidReservations } from '#apiserver/restore/uid-reservations.ts';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

/** The API server's verbs, admission and validation over a store in memory, everyone being allowed everything. */
export async function startInProcessApi(t: Pick<ExecutionContext, 'teardown'>): Promise<ApiHandler> {
  const clock = systemClock;
  const log = silentLogger;
  const store = createMemoryStore({ clock, retention: { maxEvents: 10_000, maxAgeMs: 60_000 } });
  const cache = createWatchCache({ store, log, clock, windowEvents: 10_000, bookmarkIntervalMs: 60_000 });
  await cache.ready();
  const directory = await mkdtemp(join(tmpdir(), 'headway-api-'));
  t.teardown(async () => {
    await cache.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const serviceCidr = '10.96.0.0/16';
  const pki = await ensurePki({ directory, addresses: ['127.0.0.1'], serviceAddress: '10.96.0.1', clock });
  const environment = {
    store, cache, clock, log, pki, serviceCidr, scheme: new Scheme(BUILT_IN_RESOURCES), schema: loadSchema(),
    authorizer: { authorize: () => ({ isAllowed: true, reason: '' }) }, rbac: new RbacAuthorizer(cache),
    tokens: new ServiceAccountTokens({ pki, cache, clock }), policies: new PolicyAdmission(cache), reservations: new UidReservations(cache), services: new ServiceAllocator({ cache, clock, cidr: serviceCidr }),
    randomSuffix: (length: number) => randomBytes(length).toString('hex').slice(0, length),
  };
  const paths = { serve: (path: string): never => { throw notFound({ group: '', plural: 'paths', kind: 'Path' }, path); }, serveText: () => undefined };
  return new InProcessHandler(environment, paths);
}
