/**
 * Requests and watch events of the API over TLS and HTTP/2 with a bearer token, beside a floor measured in the same run: a bare
 * `node:http2` server that answers as many bytes without looking, and runs one Redis script (fsync always) for a create.
 * `node test/bench/api.ts` starts Headway's API server on a private Redis; `--server URL --token TOKEN` measures another one, which
 * gets some 7,000 ConfigMaps in its namespace `default`. Needs h2load (Debian: nghttp2-client). Client and servers share the machine.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { measureDelivery, measureRequests, type Row, type Target } from './api-load.ts';

const { values } = parseArgs({ options: { server: { type: 'string' }, token: { type: 'string' } } });
if ((values.server === undefined) !== (values.token === undefined)) throw new Error('give --server URL and --token TOKEN, or neither');
/** As the control plane runs. */
const NODE_OPTIONS = ['--max-semi-space-size=16', '--disable-warning=ExperimentalWarning'];
const WATCHERS: readonly (readonly [watchers: number, creates: number])[] = [[1, 1_000], [200, 300]];

interface Started extends Target {
  stop(): Promise<void>;
}

async function start(kind: 'headway' | 'floor'): Promise<Started> {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, [...NODE_OPTIONS, join(import.meta.dirname, 'api-server.ts'), kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit').then(() => undefined)]);
  if (line === undefined) throw new Error(`the server of the ${kind} did not start`);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { ...(JSON.parse(String(line[0])) as Target), stop };
}

async function measure(target: Target): Promise<readonly Row[]> {
  const rows = [...(await measureRequests(target))];
  for (const [watchers, creates] of WATCHERS) rows.push(await measureDelivery(target, watchers, creates));
  return rows;
}

async function measureOwn(kind: 'headway' | 'floor'): Promise<readonly Row[]> {
  const started = await start(kind);
  try {
    return await measure(started);
  } finally {
    await started.stop();
  }
}

const floor = await measureOwn('floor');
const rows = values.server !== undefined && values.token !== undefined ? await measure({ url: values.server, token: values.token }) : await measureOwn('headway');
process.stdout.write(`${'work'.padEnd(34)}${'measured'.padEnd(40)}floor\n`);
rows.forEach(({ name, value }, i) => process.stdout.write(`${name.padEnd(34)}${value.padEnd(40)}${floor[i]?.value ?? ''}\n`));
