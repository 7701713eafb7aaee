import { execFile } from 'node:child_process';
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Target {
  readonly url: string;
  readonly token: string;
}

/** One line of the result. */
export interface Row {
  readonly name: string;
  readonly value: string;
}

/** Objects that the list returns; the creates before it leave fewer, and the rest is made. */
export const LIST_SIZE = 6_500;
const COLLECTION = '/api/v1/namespaces/default/configmaps';
const DATA = { k: 'x'.repeat(750) };
const STREAMS_PER_SESSION = 50;
const DELIVERY_LIMIT_MS = 15_000;
const run = promisify(execFile);

/** Requests of one kind as `h2load` sends them; the same program measured the other servers. */
export async function measureRequests(target: Target): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-bench-'));
  const body = join(directory, 'configmap.json');
  await writeFile(body, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'cm-', namespace: 'default', labels: { app: 'bench' } }, data: DATA }));
  const load = (requests: number, clients: number, streams: number, path: string, ...more: string[]): Promise<Load> =>
    h2load(['-n', String(requests), '-c', String(clients), '-m', String(streams), '-H', `authorization: Bearer ${target.token}`, ...more, `${target.url}${path}`], requests);
  const create = (requests: number, clients: number, streams: number): Promise<Load> => load(requests, clients, streams, COLLECTION, '-d', body, '-H', 'content-type: application/json');
  const one = `${COLLECTION}/one`;
  try {
    await createOne(target, 'one');
    await create(500, 4, 2);
    const rows = [perSecond('create 1 KB, 1 client', await create(1_000, 1, 1)), perSecond('create 1 KB, 64 in flight', await create(LIST_SIZE - 1_501, 4, 16))];
    await load(5_000, 4, 16, one);
    rows.push(perSecond('GET one, 1 client', await load(5_000, 1, 1, one)), perSecond('GET one, 64 in flight', await load(40_000, 4, 16, one)));
    const list = await load(30, 1, 1, `${COLLECTION}?resourceVersion=0`);
    return [...rows, { name: `LIST ${LIST_SIZE.toLocaleString('en')} x 1 KB`, value: `${list.meanMs.toFixed(1)} ms` }];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Load {
  readonly perSecond: number;
  readonly meanMs: number;
}
const perSecond = (name: string, { perSecond: rate }: Load): Row => ({ name, value: `${Math.round(rate).toLocaleString('en')}/s` });
const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 };

async function h2load(args: readonly string[], requests: number): Promise<Load> {
  const { stdout } = await run('h2load', args).catch((error: unknown) => {
    throw new Error('h2load did not run; Debian has it in nghttp2-client', { cause: error });
  });
  const [, ok] = /(\d+) 2xx/.exec(stdout) ?? [];
  if (Number(ok) !== requests) throw new Error(`of ${requests} requests ${ok} were answered with success:\n${stdout}`);
  const [, rate] = /^finished in [^,]+, ([\d.]+) req\/s/m.exec(stdout) ?? [];
  const [, mean, unit = 'ms'] = /^time for request: +\S+ +\S+ +([\d.]+)(us|ms|s)/m.exec(stdout) ?? [];
  return { perSecond: Number(rate), meanMs: Number(mean) * (UNIT_MS[unit] ?? 1) };
}

/** From the moment at which a create is sent to the arrival of its event at each watcher; one create at a time. */
export async function measureDelivery(target: Target, watchers: number, creates: number): Promise<Row> {
  const sessions = await Promise.all(Array.from({ length: Math.ceil(watchers / STREAMS_PER_SESSION) }, () => open(target)));
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  const deliveries = Promise.withResolvers<void>();
  const onEvent = (name: string): void => {
    const sent = sentAt.get(name);
    if (sent === undefined) return;
    latencies.push(performance.now() - sent);
    if (latencies.length === watchers * creates) deliveries.resolve();
  };
  const revision = (JSON.parse(await answered(sessions[0] as ClientHttp2Session, target, { ':path': `${COLLECTION}?limit=1` })) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  await Promise.all(Array.from({ length: watchers }, (_, i) => watch(sessions[i % sessions.length] as ClientHttp2Session, target, revision, onEvent)));
  const writer = await open(target);
  const label = `fan-${watchers}-${Date.now() % 1_000_000}`;
  for (let i = 0; i < creates; i++) {
    sentAt.set(`${label}-${i}`, performance.now());
    await createOne(target, `${label}-${i}`, writer);
  }
  const limit = setTimeout(() => deliveries.resolve(), DELIVERY_LIMIT_MS);
  await deliveries.promise;
  clearTimeout(limit);
  for (const session of [...sessions, writer]) session.destroy();
  return { name: `create to delivery, ${watchers} watcher${watchers === 1 ? '' : 's'}`, value: `p50 ${percentile(latencies, 0.5)}, p99 ${percentile(latencies, 0.99)} ms; lost ${watchers * creates - latencies.length}` };
}

const percentile = (values: readonly number[], p: number): string => (values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * p)] ?? 0).toFixed(1);

/** Resolves when the server has answered with its head. */
async function watch(session: ClientHttp2Session, target: Target, revision: string, onEvent: (name: string) => void): Promise<void> {
  const stream = session.request({ ...authorization(target), ':path': `${COLLECTION}?watch=1&resourceVersion=${revision}` });
  const started = Promise.withResolvers<void>();
  stream.once('response', () => started.resolve()).on('error', started.reject).setEncoding('utf8');
  let rest = '';
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onEvent(/"name":"(fan-[\d-]+)"/.exec(line)?.[1] ?? '');
  });
  await started.promise;
}

async function createOne(target: Target, name: string, given?: ClientHttp2Session): Promise<void> {
  const session = given ?? (await open(target));
  await answered(session, target, { ':method': 'POST', ':path': COLLECTION, 'content-type': 'application/json' }, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: DATA }));
  if (given === undefined) session.close();
}

async function open({ url }: Target): Promise<ClientHttp2Session> {
  const session = connect(url, { rejectUnauthorized: false, settings: { initialWindowSize: 1_048_576 } });
  await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject));
  return session;
}

const authorization = ({ token }: Target): OutgoingHttpHeaders => ({ authorization: `Bearer ${token}` });

async function answered(session: ClientHttp2Session, target: Target, headers: OutgoingHttpHeaders, body?: string): Promise<string> {
  const stream = session.request({ ...authorization(target), ...headers });
  stream.end(body);
  const status = Promise.withResolvers<number>();
  stream.once('response', (head) => status.resolve(Number(head[':status']))).once('error', status.reject).setEncoding('utf8');
  let text = '';
  for await (const part of stream) text += String(part);
  if ((await status.promise) >= 300) throw new Error(`${String(headers[':path'])}: ${text}`);
  return text;
}
