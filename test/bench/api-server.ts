/**
 * Serves for api.ts in a process of its own until its input ends: `api-server.ts headway` is Headway's API server on a private Redis,
 * `api-server.ts joined DIRECTORY` another one on the Redis of the first, `api-server.ts floor` the least that Node can do for the same
 * answers. Prints a line of JSON ({@link Ready}) when it is ready, and one ({@link Probe}) for each line `probe` or `collect` of its input.
 */
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN, startAnother, startControlPlane } from '#test/support/control-plane.ts';
import { serveFloor, type Served } from './api-floor.ts';

/** What the process says of itself since the last question. */
export interface Probe {
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly residentBytes: number;
  /** In use by V8 and its buffers. */
  readonly heapBytes: number;
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
const profiler = process.env['BENCH_PROFILE'] === undefined ? undefined : new Session();
profiler?.connect();
await profiler?.post('Profiler.enable');
let profiles = 0;
/** A profile from one question to the next: what is measured without the start of the server. */
async function profileOn(directory: string, session: Session): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (profiles > 0) await writeFile(join(directory, `${profiles}.cpuprofile`), JSON.stringify((await session.post('Profiler.stop')).profile));
  profiles += 1;
  await session.post('Profiler.start');
}

for await (const question of createInterface(process.stdin)) {
  // Gives free pages back, as the collections of an idle process do in time.
  if (question === 'collect') await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
  const { rss, heapUsed, external } = process.memoryUsage();
  print({ loopP99Ms: over(delay.percentile(99)), loopMaxMs: over(delay.max), residentBytes: rss, heapBytes: heapUsed + external } satisfies Probe);
  // The delay that a collection causes is noted when the timer comes, and is no delay of what follows.
  await setTimeout(2 * RESOLUTION_MS);
  if (profiler) await profileOn(process.env['BENCH_PROFILE'] ?? '', profiler);
  delay.reset();
}
await stop();
process.exit(0);
