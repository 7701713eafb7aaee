import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { createApiServer } from '#apiserver/api-server.ts';
import { writtenForms } from '#apiserver/conversion/written-forms.ts';
import { systemClock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { httpTransport } from '#client/http-transport.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';
import type { ControlPlane } from './control-plane.ts';

/** Another API server on the Redis of a control plane; its HTTPS URL. Ends before the plane when it was asked for after it. */
export async function startSecondServer(t: Pick<ExecutionContext, 'teardown'>, { directory, pki }: ControlPlane): Promise<string> {
  const store = await openRedisStore({ socketPath: join(directory, 'run/redis.sock'), log, clock: systemClock, retention: { maxEvents: 100_000, maxAgeMs: 3_600_000 } });
  const schema = loadSchema();
  const cache = createWatchCache({ store, log, clock: systemClock, windowEvents: 10_000, bookmarkIntervalMs: 1_000, writtenFormOf: writtenForms(schema) });
  const server = createApiServer({
    store, cache, pki, log, clock: systemClock, scheme: new Scheme(BUILT_IN_RESOURCES), schema, randomSuffix, advertiseAddress: '127.0.0.1', port: 6443,
  });
  t.teardown(async () => {
    await server.close();
    await cache.close();
    await store.close();
  });
  await server.start();
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return `https://127.0.0.1:${port}`;
}

/** The administrator over HTTPS. */
export function adminOver(t: Pick<ExecutionContext, 'teardown'>, { pki }: ControlPlane, server: string): Client {
  const transport = httpTransport({ server, ca: pki.ca, ...pki.admin, userAgent: 'test' });
  t.teardown(() => transport.close());
  return createClient(transport);
}
