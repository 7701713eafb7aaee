import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/** Neither the kernel gives these to connections that go out, nor Headway to Services: one of those would take a port away between the moment when it was found and the one when somebody listens on it. */
const [FIRST, END] = [10_000, 30_000];

/** A TCP port of the loopback that no other test takes as long as this process lives, also while nobody listens on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    // A socket of an abstract name goes with its process, however that ends.
    const reservation = await listen({ path: `\0headway-test-port-${port}` });
    reservation?.unref();
    const probe = reservation && (await listen({ port, host: '127.0.0.1' }));
    if (!probe) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

/** Undefined where somebody listens already. */
async function listen(options: ListenOptions): Promise<Server | undefined> {
  const server = createServer().listen(options);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}
