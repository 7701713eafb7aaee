import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COLLECTION, DATA, type Target } from './api-client.ts';

const run = promisify(execFile);
const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 };

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly meanMs: number;
}
/** `streams` in flight on each of `clients` connections. */
export interface Shape {
  readonly requests: number;
  readonly clients: number;
  readonly streams: number;
}

/** Requests of one kind as `h2load` sends them: it takes some 10 µs of the shared cores a request, a client in Node takes 150. */
export async function load({ url, token }: Target, { requests, clients, streams }: Shape, path: string, ...more: readonly string[]): Promise<Load> {
  const { stdout } = await run('h2load', ['-n', String(requests), '-c', String(clients), '-m', String(streams), '-H', `authorization: Bearer ${token}`, ...more, `${url}${path}`]).catch((error: unknown) => {
    throw new Error('h2load did not run; Debian has it in nghttp2-client', { cause: error });
  });
  const [, ok] = /(\d+) 2xx/.exec(stdout) ?? [];
  if (Number(ok) !== requests) throw new Error(`of ${requests} requests ${ok} were answered with success:\n${stdout}`);
  const [, rate] = /^finished in [^,]+, ([\d.]+) req\/s/m.exec(stdout) ?? [];
  const [, mean, unit = 'ms'] = /^time for request: +\S+ +\S+ +([\d.]+)(us|ms|s)/m.exec(stdout) ?? [];
  return { requests, perSecond: Number(rate), meanMs: Number(mean) * (UNIT_MS[unit] ?? 1) };
}

/** Creates ConfigMaps of 1 KB under generated names. */
export async function loadCreates(target: Target, shape: Shape): Promise<Load> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-bench-'));
  const body = join(directory, 'configmap.json');
  try {
    await writeFile(body, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'cm-', namespace: 'default', labels: { app: 'bench' } }, data: DATA }));
    return await load(target, shape, COLLECTION, '-d', body, '-H', 'content-type: application/json');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
