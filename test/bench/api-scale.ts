import { Client, COLLECTION, percentile, type Target } from './api-client.ts';
import { load, loadCreates } from './api-load.ts';
import { rate } from './api-measures.ts';
import { ServerProcess } from './api-process.ts';
import type { Probe } from './api-server.ts';

/** One line of the result; the columns after the value may be empty. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly loop?: string | undefined;
  readonly cpu?: string | undefined;
  /** How long the measurement ran. */
  readonly time?: string | undefined;
  readonly bare?: string | undefined;
  readonly redis?: string | undefined;
  /** By Kubernetes' own API server. */
  readonly other?: string | undefined;
}

const MB = 1_048_576;
const OBJECTS = 50_000;
const WARM_UP = 5_000;
const PAGE = 500;
const WATCHES = 5_000;
/** As many as one connection may have; see MAX_STREAMS of the server. */
const WATCHES_PER_SESSION = 250;
const mb = (bytes: number): string => `${(bytes / MB).toFixed(0)} MB`;

/** What 50,000 objects take of the server, after they were written and again after they were listed, and whether a paged list of them holds others up. */
export async function measureMemory(): Promise<readonly Row[]> {
  const server = await ServerProcess.start(['headway']);
  try {
    // The first requests make the code and the young generation grow.
    await loadCreates(server.ready, { requests: WARM_UP, clients: 4, streams: 16 });
    const empty = await server.probe('collect');
    await loadCreates(server.ready, { requests: OBJECTS - WARM_UP, clients: 4, streams: 16 });
    const written = await server.probe('collect');
    const paged = await page(server.ready);
    const listing = await server.probe();
    const listed = await server.probe('collect');
    const size = (probe: Probe): string => {
      const json = paged.bytes * (1 - WARM_UP / OBJECTS);
      const resident = probe.residentBytes - empty.residentBytes;
      return `${(resident / json).toFixed(2)} x their JSON: ${mb(resident)} (heap ${mb(probe.heapBytes - empty.heapBytes)}) of ${mb(json)}`;
    };
    return [
      { name: `${OBJECTS.toLocaleString('en')} x 1 KB resident, written`, value: size(written), loop: `${written.loopP99Ms.toFixed(1)} ms` },
      { name: 'the same, listed since', value: size(listed) },
      { name: `paged by ${PAGE}, GETs meanwhile`, value: `${paged.ms.toFixed(0)} ms; p99 ${percentile(paged.pauses, 0.99).toFixed(1)}, max ${Math.max(...paged.pauses).toFixed(1)} ms`, loop: `max ${listing.loopMaxMs.toFixed(1)} ms` },
    ];
  } finally {
    await server.stop();
  }
}

/** The paged list, and how long each GET beside it took. The client parses nothing, so that its own pauses do not count. */
async function page(target: Target): Promise<{ readonly bytes: number; readonly ms: number; readonly pauses: readonly number[] }> {
  const [lister, reader] = await Promise.all([Client.open(target), Client.open(target)]);
  const pauses: number[] = [];
  let isOver = false;
  const read = async (): Promise<void> => {
    const { name } = (JSON.parse(await reader.send('GET', `${COLLECTION}?limit=1`)) as { items: readonly { metadata: { name: string } }[] }).items[0]?.metadata ?? { name: '' };
    while (!isOver) {
      const started = performance.now();
      await reader.send('GET', `${COLLECTION}/${name}`);
      pauses.push(performance.now() - started);
    }
  };
  const reading = read();
  const started = performance.now();
  let bytes = 0;
  for (let next = ''; ; ) {
    const text = await lister.send('GET', `${COLLECTION}?limit=${PAGE}${next}`);
    bytes += text.length;
    const token = /"continue":"([^"]+)"/.exec(text.slice(0, 1_000))?.[1];
    if (token === undefined) break;
    next = `&continue=${encodeURIComponent(token)}`;
  }
  const ms = performance.now() - started;
  isOver = true;
  await reading;
  lister.close();
  reader.close();
  return { bytes, ms, pauses };
}

/** What idle watches take of the server. */
export async function measureWatches(): Promise<Row> {
  const server = await ServerProcess.start(['headway']);
  try {
    const { ready } = server;
    const sessions = await Promise.all(Array.from({ length: WATCHES / WATCHES_PER_SESSION }, () => Client.open(ready)));
    const [first] = sessions;
    await first?.create('one');
    const revision = (await first?.revision()) ?? '';
    const empty = (await server.probe('collect')).residentBytes;
    for (const session of sessions) await Promise.all(Array.from({ length: WATCHES_PER_SESSION }, () => session.watch(revision, () => undefined)));
    const { residentBytes, loopP99Ms } = await server.probe('collect');
    for (const session of sessions) session.close();
    return { name: `${WATCHES.toLocaleString('en')} idle watches`, value: `${mb(residentBytes - empty)}, ${((residentBytes - empty) / WATCHES / 1_024).toFixed(1)} KB each`, loop: `${loopP99Ms.toFixed(1)} ms` };
  } finally {
    await server.stop();
  }
}

/** The same load on one API server, then shared by two on the same Redis. */
export async function measureProcesses(): Promise<readonly Row[]> {
  const first = await ServerProcess.start(['headway']);
  const second = await ServerProcess.start(['joined', first.ready.directory]);
  const { token } = first.ready;
  const targets = [first.ready, { ...second.ready, token }];
  const writes = (target: Target, requests: number) => loadCreates(target, { requests, clients: 4, streams: 16 });
  const reads = (target: Target, requests: number) => load(target, { requests, clients: 4, streams: 16 }, `${COLLECTION}/one`);
  try {
    const client = await Client.open(first.ready);
    await client.create('one');
    client.close();
    for (const target of targets) await Promise.all([writes(target, 1_000), reads(target, 5_000)]);
    const rows: Row[] = [];
    for (const [name, send, requests] of [['create', writes, 6_000], ['GET', reads, 40_000]] as const) {
      const one = await send(first.ready, requests);
      const both = await Promise.all(targets.map((target) => send(target, requests / 2)));
      const sum = both.reduce((total, { perSecond }) => total + perSecond, 0);
      rows.push({ name: `${name}: 1 server, 2 servers`, value: `${rate(one.perSecond)}, ${rate(sum)}: ${(sum / one.perSecond).toFixed(2)} x` });
    }
    return rows;
  } finally {
    await second.stop();
    await first.stop();
  }
}
