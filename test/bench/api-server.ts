/**
 * Serves for api.ts in a process of its own until its input ends: `api-server.ts headway` is Headway's API server on a private Redis,
 * `api-server.ts joined DIRECTORY` another one on the Redis of the first, `api-server.ts floor` the least that Node can do for the same
 * answers. Prints a line of JSON ({@link Ready}) when it is ready, and one ({@link Probe}) for each line `probe` or `collect` of its input.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ADMIN, startAnother, startControlPlane } from '#test/support/control-plane.ts';
import { serveFloor, type Served } from './api-floor.ts';

/** What the process says of itself since the last question. */
export interface Probe {
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly residentBytes: number;
}

/** How often the event loop is asked; its delay is what exceeds it. */
const RESOLUTION_MS = 2;

async function serveHeadway(): Promise<Served> {
  const plane = await startControlPlane();
  const post = (path: string, body: unknown) => plane.server.handle({ method: 'POST', path, body }, ADMIN);
  const account = '/api/v1/namespaces/default/serviceaccounts';
  await post(account, { metadata: { name: 'bench' } });
  await post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'bench' }, subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'bench' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  });
  const { body } = await post(`${account}/bench/token`, { spec: {} });
  const { token } = (body as { readonly status: { readonly token: string } }).status;
  return { url: plane.url, token, directory: plane.directory, redis: join(plane.directory, 'run/redis.sock'), stop: () => plane.stop() };
}

async function serveJoined(directory: string): Promise<Served> {
  const plane = await startAnother({ directory });
  return { url: plane.url, token: '', directory, redis: join(directory, 'run/redis.sock'), stop: () => plane.stop() };
}

function serve(kind: string | undefined, directory = ''): Promise<Served> {
  if (kind === 'floor') return serveFloor();
  return kind === 'joined' ? serveJoined(directory) : serveHeadway();
}

const { stop, ...ready } = await serve(process.argv[2], process.argv[3]);
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
const print = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const over = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
print(ready);
createInterface(process.stdin).on('line', (line) => {
  // Twice: what the first finds unused may hold memory outside of the heap.
  if (line === 'collect') for (let i = 0; i < 2; i++) globalThis.gc?.();
  print({ loopP99Ms: over(delay.percentile(99)), loopMaxMs: over(delay.max), residentBytes: process.memoryUsage.rss() } satisfies Probe);
  delay.reset();
}).once('close', () => void stop().then(() => process.exit(0)));
