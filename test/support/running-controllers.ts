import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { type Logger, silentLogger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
import type { InformerFactory } from '#client/informer.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { controllerUser, startControllers } from '#controller/start-controllers.ts';
import { createControllers } from '#controllers/registry.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';
import { ADMIN, type ControlPlane, startControlPlane } from './control-plane.ts';

export interface RunningControllers {
  readonly plane: ControlPlane;
  readonly admin: Client;
  readonly informers: InformerFactory;
  /** Aborts when the test ends. */
  readonly signal: AbortSignal;
}

/** A control plane with all controllers, each under its own account; without scheduler and agent. */
export async function startPlaneWithControllers(t: Pick<ExecutionContext, 'teardown'>, { log = silentLogger }: { readonly log?: Logger } = {}): Promise<RunningControllers> {
  const plane = await startControlPlane({ log });
  const clientOf = (name: string): Client => createClient(inProcessTransport(plane.server, controllerUser(name), name));
  const admin = createClient(inProcessTransport(plane.server, ADMIN, 'test'));
  const informers = createInformerFactory({ client: admin, log, clock: systemClock });
  const queues = createBullQueueFactory({ socketPath: join(plane.directory, 'run/redis.sock'), prefix: '{test}:queue', log });
  const controllers = startControllers({ definitions: createControllers({ rootCa: 'CA' }), clientOf, informers, queues, clock: systemClock, log, randomSuffix });
  const stop = new AbortController();
  t.teardown(async () => {
    stop.abort();
    await controllers.stop();
    await queues.close();
    await plane.stop();
  });
  informers.start(stop.signal);
  await informers.synced();
  return { plane, admin, informers, signal: stop.signal };
}
