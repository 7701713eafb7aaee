import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#base/logger.ts';
import { assertManifest, brokenLogError, mendTornTail } from './append-only-log.ts';
import { diskProblem, isWriteFailure } from './disk-unusable.ts';
import { endLeftover } from './leftover-server.ts';
import { answersPing } from './ping.ts';
import { RedisStartError } from './server-errors.ts';

const PROBE_EVERY_MS = 3;
const OUTPUT_KEPT = 8192;

export interface RedisServerOptions {
  /** Holds the data and nothing else; made when absent. */
  readonly dataDir: string;
  /** Holds the socket `redis.sock`; made when absent. */
  readonly runDir: string;
  /** Default `redis-server`, found in PATH. */
  readonly binary?: string;
  readonly log: Logger;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RedisServer {
  readonly socketPath: string;
  readonly pid: number;
  /** Sends the signal (default SIGTERM: Redis closes its log and ends) and resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when the process ends, for whatever reason. */
  readonly exited: Promise<ServerExit>;
}

/**
 * Starts redis-server on a unix socket only, in a session of its own so that a Ctrl-C does not reach it, and resolves
 * when it serves. Every write is on disk before it is answered. A server that an earlier process left behind on the
 * same data directory is ended first: two servers on one log would destroy it.
 * @throws AppendOnlyLogBrokenError, DiskUnusableError, RedisStartError
 */
export async function startRedis(options: RedisServerOptions): Promise<RedisServer> {
  try {
    return await start(options);
  } catch (error) {
    throw diskProblem(options.dataDir, error) ?? error;
  }
}

async function start(options: RedisServerOptions): Promise<RedisServer> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  await mkdir(options.runDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir);
  await endLeftover(dataDir, options.log);
  await assertManifest(dataDir);
  const settings = { ...options, dataDir, binary: options.binary ?? 'redis-server' };
  let launched = await launch(settings);
  if ('output' in launched && (await mendTornTail({ ...settings, output: launched.output }))) launched = await launch(settings);
  if ('server' in launched) return launched.server;
  throw startError(settings, launched.output);
}

type Launch = { readonly server: RedisServer } | { readonly output: string };

async function launch({ dataDir, runDir, binary, log }: Required<RedisServerOptions>): Promise<Launch> {
  const socketPath = join(runDir, 'redis.sock');
  await rm(socketPath, { force: true });
  const child = spawn(binary, serverArguments(dataDir, socketPath), { cwd: dataDir, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collectOutput(child);
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('error', (error) => {
      output.add(error.message);
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  let exit: ServerExit | undefined;
  void exited.then((value) => (exit = value));
  while (!(await answersPing(socketPath))) {
    if (exit) {
      await output.ended;
      return { output: output.text() };
    }
    await sleep(PROBE_EVERY_MS);
  }
  const pid = child.pid as number;
  log.info('redis-server serves', { pid, socketPath });
  output.forward((line) => {
    if (isWriteFailure(line)) log.error('redis-server cannot write to its disk; it ends, and is started again when there is space', { pid, dataDir, line });
    else log.info('redis-server warns', { pid, line });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!exit) child.kill(signal);
    await exited;
  };
  return { server: { socketPath, pid, stop, exited } };
}

function serverArguments(dataDir: string, socketPath: string): string[] {
  const settings: Readonly<Record<string, string>> = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '600',
    dir: dataDir,
    pidfile: join(dataDir, 'redis.pid'),
    daemonize: 'no',
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    'aof-load-truncated': 'no',
    // The log holds every value twice (hash and stream) and grows with each write: rewrite at double size.
    'auto-aof-rewrite-percentage': '100',
    'auto-aof-rewrite-min-size': '64mb',
    // The store bounds its own memory; evicting a key would lose an object.
    'maxmemory-policy': 'noeviction',
    loglevel: 'notice',
    logfile: '',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

interface Output {
  /** Passes on every warning from now on: a full disk, a slow sync, a failed rewrite. */
  forward(take: (line: string) => void): void;
  add(text: string): void;
  text(): string;
  readonly ended: Promise<unknown>;
}

function collectOutput(child: ChildProcess): Output {
  let kept = '';
  const add = (text: string): void => {
    kept = (kept + text).slice(-OUTPUT_KEPT);
  };
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) stream.setEncoding('utf8').on('data', add);
  // Redis marks warnings by this sign behind the time.
  const forward = (take: (line: string) => void): void => {
    for (const input of streams) createInterface({ input }).on('line', (line) => line.includes(' # ') && take(line));
  };
  return { add, forward, text: () => kept, ended: Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)))) };
}

const startError = ({ binary, dataDir }: Required<RedisServerOptions>, output: string): Error =>
  diskProblem(dataDir, output) ?? brokenLogError(dataDir, output) ?? new RedisStartError('redis-server did not start', { binary, dataDir, output: output.trim() });
