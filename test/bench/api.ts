/**
 * `npm run bench:api`: requests, watch events and memory of the API over TLS and HTTP/2 with a bearer token, side by side with a bare
 * `node:http2` server that answers as many bytes without looking (and runs one Redis script for a write), with Redis alone, both with fsync
 * always, and, with `--kubernetes DIRECTORY` (built by kubernetes/build.sh), with Kubernetes' own API server on etcd, in one run. Each line
 * tells how long it ran: a server that has just started still compiles what it runs, which a program in Go never has to. Writes, whose code is
 * long, are so measured twice: at first, and (`compiled`) after three times as many of them. Options: `--only 'create;get;list;patch;apply;
 * delivery;memory;watches;processes'` (or the beginning of a line), `--no-floor`, `--profile DIRECTORY` for a V8 profile of the server. Needs
 * h2load (Debian: nghttp2-client). Clients, servers and Redis share the machine; the event-loop delay and the CPU time a request are the
 * server's own.
 */
import { parseArgs } from 'node:util';
import { Kubernetes } from './api-kubernetes.ts';
import { MEASURES, rawRedis, warmUp, type Measure } from './api-measures.ts';
import { ServerProcess } from './api-process.ts';
import { measureMemory, measureProcesses, measureWatches, type Row } from './api-scale.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, floor: { type: 'boolean', default: true }, profile: { type: 'string' }, kubernetes: { type: 'string' } }, allowNegative: true });
const chosen = values.only === undefined ? undefined : new Set(values.only.split(';'));
const isChosen = (group: string, name = group): boolean => chosen === undefined || chosen.has(group) || [...chosen].some((part) => name.startsWith(part));

interface Servers {
  readonly own: ServerProcess;
  readonly floor?: ServerProcess | undefined;
  readonly kubernetes?: Kubernetes | undefined;
}

async function measure({ own, floor, kubernetes }: Servers, each: Measure): Promise<Row> {
  const bare = floor && (await each.run(floor.ready)).value;
  const other = kubernetes && (await measureOther(kubernetes, each));
  const redis = values.floor && each.redis ? await rawRedis({ run: each.redis }, own.ready) : undefined;
  await each.prepare?.(own.ready);
  await own.probe();
  const before = { cpuUs: own.cpuUs(), ms: performance.now() };
  const { value, requests } = await each.run(own.ready);
  const time = `${((performance.now() - before.ms) / 1_000).toFixed(1)} s`;
  const cpu = (own.cpuUs() - before.cpuUs) / requests;
  const { loopP99Ms } = await own.probe();
  return { name: each.name, value, loop: `${loopP99Ms.toFixed(1)} ms`, cpu: `${Math.round(cpu)} µs`, time, bare, redis, other };
}

async function measureOther({ target }: Kubernetes, each: Measure): Promise<string> {
  await each.prepare?.(target);
  return (await each.run(target)).value;
}

function print({ name, value, loop = '', cpu = '', time = '', bare = '', redis = '', other = '' }: Row): void {
  process.stdout.write(`${name.padEnd(44)}${value.padEnd(40)}${loop.padEnd(14)}${cpu.padEnd(14)}${time.padEnd(10)}${bare.padEnd(34)}${redis.padEnd(12)}${other}\n`);
}

async function measureRequests(): Promise<void> {
  const measures = MEASURES.filter(({ group, name }) => isChosen(group, name));
  if (measures.length === 0) return;
  const kubernetes = values.kubernetes === undefined ? undefined : await Kubernetes.start(values.kubernetes);
  const own = await ServerProcess.start(['headway'], values.profile);
  const floor = values.floor ? await ServerProcess.start(['floor']) : undefined;
  try {
    for (const target of [own.ready, floor?.ready, kubernetes?.target]) if (target) await warmUp(target);
    for (const each of measures) print(await measure({ own, floor, kubernetes }, each));
  } finally {
    await Promise.all([own.stop(), floor?.stop(), kubernetes?.stop()]);
  }
}

print({ name: 'work', value: 'Headway', loop: 'loop p99', cpu: 'CPU/request', time: 'ran', bare: 'bare http2', redis: 'raw Redis', other: values.kubernetes && 'Kubernetes' });
await measureRequests();
if (isChosen('memory')) for (const row of await measureMemory()) print(row);
if (isChosen('watches')) print(await measureWatches());
if (isChosen('processes')) for (const row of await measureProcesses()) print(row);
