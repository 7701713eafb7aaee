import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { endProcess, livePid, writePidFile } from '#cli/supervisor/pid-file.ts';
import { type RunningChild, Supervised } from '#cli/supervisor/supervised.ts';
import { waitFor } from '#test/support/wait.ts';

const directory = mkdtempSync(join(tmpdir(), 'headway-supervised-'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

/** A real process that runs until it is told to end. */
function startSleeper(): RunningChild {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  return { pid: child.pid ?? -1, exited, stop: async () => void (child.kill('SIGTERM'), await exited) };
}

function supervised(name: string, start: () => Promise<RunningChild>): Supervised {
  return new Supervised({ name, pidFile: join(directory, `${name}.pid`), start, clock: systemClock, log: silentLogger });
}

test('a killed process is started again at once, and its pid file follows', async (t) => {
  const part = supervised('killed', () => Promise.resolve(startSleeper()));
  await part.start();
  t.teardown(() => part.stop());
  const first = part.pid ?? -1;
  process.kill(first, 'SIGKILL');
  const second = await waitFor(() => part.pid !== undefined && part.pid !== first && part.pid, { what: 'the restart', timeoutMs: 1000 });
  t.is(livePid(join(directory, 'killed.pid')), second);
  t.is(part.restarts, 1);
});

test('the failure of the first start is the caller\'s', async (t) => {
  const part = supervised('failing', () => Promise.reject(new Error('no such program')));
  await t.throwsAsync(part.start(), { message: 'no such program' });
});

test('a restart that fails is tried again', async (t) => {
  let starts = 0;
  const part = supervised('flaky', () => (++starts === 2 ? Promise.reject(new Error('not now')) : Promise.resolve(startSleeper())));
  await part.start();
  t.teardown(() => part.stop());
  process.kill(part.pid ?? -1, 'SIGKILL');
  await waitFor(() => starts === 3 && part.pid !== undefined, { what: 'the third start', timeoutMs: 3000 });
  t.is(part.restarts, 2);
});

test('a stopped process stays stopped and leaves no pid file', async (t) => {
  let starts = 0;
  const part = supervised('stopped', () => (starts++, Promise.resolve(startSleeper())));
  await part.start();
  await part.stop();
  t.is(starts, 1);
  t.false(existsSync(join(directory, 'stopped.pid')));
});

test('a process that comes up while it is being stopped is ended too', async (t) => {
  const up = Promise.withResolvers<RunningChild>();
  const part = supervised('late', () => up.promise);
  const started = part.start();
  const stopped = part.stop();
  const child = startSleeper();
  up.resolve(child);
  await Promise.all([started, stopped, child.exited]);
  t.is(part.restarts, 0);
  t.false(existsSync(join(directory, 'late.pid')));
});

test('a pid file of a pid that another process has now means nobody', (t) => {
  const file = join(directory, 'other.pid');
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: '1' }));
  t.is(livePid(file), undefined);
  writePidFile(file, process.pid);
  t.is(livePid(file), process.pid);
  writeFileSync(file, 'rubbish');
  t.is(livePid(file), undefined);
});

test('ending a process that ignores SIGTERM kills it after the timeout', async (t) => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  const file = join(directory, 'stubborn.pid');
  writePidFile(file, child.pid ?? -1);
  await endProcess(file, { timeoutMs: 50 });
  t.deepEqual((await exited)[1], 'SIGKILL');
});
