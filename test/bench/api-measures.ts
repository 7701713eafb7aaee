import { Client, COLLECTION, DATA, percentile, timed, type Target } from './api-client.ts';
import { LIST_SIZE, RawRedis, type Ready } from './api-floor.ts';
import { load, loadCreates, type Load, type Shape } from './api-load.ts';

/** One line of the result. */
export interface Measure {
  /** Of the group that `--only` chooses. */
  readonly group: string;
  readonly name: string;
  run(target: Target): Promise<Measured>;
  /** What Headway's server does before it is measured. */
  prepare?(target: Target): Promise<void>;
  /** The same work by Redis alone; absent where there is none. */
  redis?(redis: RawRedis): Promise<string>;
}
export interface Measured {
  readonly value: string;
  /** By which the server's CPU time is divided. */
  readonly requests: number;
}
type Kind = readonly [group: string, name: string];

const ONE: Shape = { requests: 0, clients: 1, streams: 1 };
const MANY: Shape = { requests: 0, clients: 4, streams: 16 };
const IN_FLIGHT = 64;
const WARM_UP_RUNS = 3;
const STREAMS_PER_SESSION = 50;
const DELIVERY_LIMIT_MS = 15_000;

export const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString('en')}/s`;
const byRate = ({ perSecond, requests }: Load): Measured => ({ value: rate(perSecond), requests });
const rawRate = async (count: number, inFlight: number, task: (i: number) => Promise<unknown>): Promise<string> => rate((count / (await timed(count, inFlight, task))) * 1_000);

const createMeasure = (name: string, shape: Shape, inFlight: number): Measure => ({
  group: 'create', name: `create 1 KB, ${name}`,
  run: async (target) => byRate(await loadCreates(target, shape)),
  redis: (redis) => rawRate(shape.requests, inFlight, (i) => redis.write(`c${i}`)),
});

const getMeasure = (name: string, shape: Shape, inFlight: number, query = ''): Measure => ({
  group: 'get', name: `GET one${query === '' ? '' : `, ${query}`}, ${name}`,
  run: async (target) => {
    await ensureOne(target);
    return byRate(await load(target, shape, `${COLLECTION}/one${query === '' ? '' : `?${query}`}`));
  },
  redis: (redis) => rawRate(shape.requests, inFlight, () => redis.read('c1')),
});

/** Each in flight writes an object of its own, so that none waits for another. The client is Node's, which limits the rate. */
const writeMeasure = ([group, name]: Kind, requests: number, inFlight: number, write: (client: Client, object: string, i: number) => Promise<unknown>): Measure => ({
  group, name,
  run: async (target) => {
    const clients = await Promise.all(Array.from({ length: Math.ceil(inFlight / 16) }, () => Client.open(target)));
    const client = (i: number): Client => clients[i % clients.length] as Client;
    const label = `${group}-${Date.now()}`;
    await timed(inFlight, inFlight, (i) => client(i).create(`${label}-${i}`));
    const ms = await timed(requests, inFlight, (i) => write(client(i), `${label}-${i % inFlight}`, i));
    clients.forEach((c) => c.close());
    return { value: rate((requests / ms) * 1_000), requests: requests + inFlight };
  },
  redis: (redis) => rawRate(requests, inFlight, (i) => redis.write(`c${i % inFlight}`)),
});

const patchOne = (client: Client, name: string, i: number): Promise<unknown> => client.send('PATCH', `${COLLECTION}/${name}`, { data: { n: `${i}` } }, 'application/merge-patch+json');
const applyOne = (client: Client, name: string, i: number): Promise<unknown> =>
  client.send('PATCH', `${COLLECTION}/${name}?fieldManager=bench&force=true`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { ...DATA, n: `${i}` } }, 'application/apply-patch+yaml');

const LIST: Measure = {
  group: 'list', name: `LIST ${LIST_SIZE.toLocaleString('en')} x 1 KB`,
  prepare: async (target) => {
    const client = await Client.open(target);
    const { items, metadata } = JSON.parse(await client.send('GET', `${COLLECTION}?limit=1`)) as { items: readonly unknown[]; metadata: { remainingItemCount?: number } };
    client.close();
    const missing = LIST_SIZE - items.length - (metadata.remainingItemCount ?? 0);
    if (missing > 0) await loadCreates(target, { ...MANY, requests: missing });
  },
  run: async (target) => {
    const { meanMs, requests } = await load(target, { ...ONE, requests: 30 }, `${COLLECTION}?resourceVersion=0`);
    return { value: `${meanMs.toFixed(1)} ms`, requests };
  },
};

/** From the moment at which a create is sent to the arrival of its event at each watcher; one create at a time. */
const deliveryMeasure = (watchers: number, creates: number): Measure => ({
  group: 'delivery', name: `create to delivery, ${watchers} watcher${watchers === 1 ? '' : 's'}`,
  run: async (target) => {
    const sessions = await Promise.all(Array.from({ length: Math.ceil(watchers / STREAMS_PER_SESSION) }, () => Client.open(target)));
    const writer = await Client.open(target);
    const sentAt = new Map<string, number>();
    const latencies: number[] = [];
    const deliveries = Promise.withResolvers<void>();
    const onEvent = (name: string): void => {
      const sent = sentAt.get(name);
      if (sent === undefined) return;
      latencies.push(performance.now() - sent);
      if (latencies.length === watchers * creates) deliveries.resolve();
    };
    const revision = await writer.revision();
    await Promise.all(Array.from({ length: watchers }, (_, i) => (sessions[i % sessions.length] as Client).watch(revision, eachName(onEvent))));
    const label = `fan-${watchers}-${Date.now() % 1_000_000}`;
    for (let i = 0; i < creates; i++) {
      sentAt.set(`${label}-${i}`, performance.now());
      await writer.create(`${label}-${i}`);
    }
    const limit = setTimeout(() => deliveries.resolve(), DELIVERY_LIMIT_MS);
    await deliveries.promise;
    clearTimeout(limit);
    for (const session of [...sessions, writer]) session.close();
    const ms = (p: number): string => percentile(latencies, p).toFixed(1);
    return { value: `p50 ${ms(0.5)}, p99 ${ms(0.99)} ms; lost ${watchers * creates - latencies.length}`, requests: creates };
  },
});

function eachName(onEvent: (name: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onEvent(/"name":"(fan-[\d-]+)"/.exec(line)?.[1] ?? '');
  };
}

async function ensureOne(target: Target): Promise<void> {
  const client = await Client.open(target);
  await client.send('GET', `${COLLECTION}/one`).catch(() => client.create('one'));
  client.close();
}

/** What is run before, so that the code is compiled. */
export async function warmUp(target: Target): Promise<void> {
  await ensureOne(target);
  await loadCreates(target, { ...MANY, requests: 500 });
  await load(target, { ...MANY, requests: 5_000 }, `${COLLECTION}/one`);
}

export const rawRedis = async ({ run }: { run(redis: RawRedis): Promise<string> }, { redis }: Ready): Promise<string> => {
  const client = new RawRedis(redis);
  try {
    return await run(client);
  } finally {
    client.close();
  }
};

/** The same in a server that has done it for so long that the CPU time of a request falls no further. */
const compiled = ({ group, name, run }: Measure): Measure => ({
  group, name: `${name}, compiled`, run,
  prepare: async (target) => {
    for (let i = 0; i < WARM_UP_RUNS; i++) await run(target);
  },
});

const SINGLE_CREATES = createMeasure('1 client', { ...ONE, requests: 1_000 }, 1);
const GETS = getMeasure('64 in flight', { ...MANY, requests: 40_000 }, IN_FLIGHT);
const CREATES = createMeasure('64 in flight', { ...MANY, requests: 5_000 }, IN_FLIGHT);
const PATCHES = writeMeasure(['patch', 'merge patch, 64 in flight'], 3_000, IN_FLIGHT, patchOne);
const APPLIES = writeMeasure(['apply', 'server-side apply, 64 in flight'], 3_000, IN_FLIGHT, applyOne);

/** In this order: the list is of what the creates before it have left, filled up. */
export const MEASURES: readonly Measure[] = [
  SINGLE_CREATES, CREATES,
  getMeasure('1 client', { ...ONE, requests: 5_000 }, 1), getMeasure('1 client', { ...ONE, requests: 5_000 }, 1, 'resourceVersion=0'), GETS,
  LIST, PATCHES, APPLIES, deliveryMeasure(1, 1_000), deliveryMeasure(200, 300),
  compiled(SINGLE_CREATES), compiled(CREATES), compiled(GETS), compiled(PATCHES), compiled(APPLIES),
];
