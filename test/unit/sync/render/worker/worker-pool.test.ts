import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { WorkerPool, type WorkerPoolOptions } from '#sync/render/worker/worker-pool.ts';
import { waitFor } from '#test/support/wait.ts';

const NEVER = new AbortController().signal;

/** Runs a shell script as a worker. */
async function startPool(t: ExecutionContext, options: WorkerPoolOptions = {}) {
  const home = await mkdtemp(join(tmpdir(), 'headway-worker-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const pool = new WorkerPool(options);
  return { home, pool, run: (script: string, signal = NEVER) => pool.run({ program: '/bin/sh', args: ['-c', script], home }, signal) };
}

/** Whether a process that wrote its id there still runs. */
async function isAlive(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8'));
  // A process that has ended but was not waited for has an empty command line.
  return existsSync(`/proc/${pid}`) && (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';
}

test('output of a program that ends well, and the words of one that does not', async (t) => {
  const { run } = await startPool(t);
  t.deepEqual(await run('echo fine'), { ok: true, output: Buffer.from('fine\n') });
  t.deepEqual(await run('echo wrong >&2; exit 3'), { ok: false, reason: 'RenderFailed', message: 'wrong' });
});

test('a program that never ends is ended at its time, with what it started', async (t) => {
  const { run, home } = await startPool(t, { limits: { timeoutMs: 500 } });
  const outcome = await run('sleep 600 & echo $! > child; wait');
  t.like(outcome, { ok: false, reason: 'RenderTimedOut' });
  await waitFor(async () => !(await isAlive(join(home, 'child'))), { what: 'the child to be gone' });
});

test('a newer commit ends a program at once, with what it started', async (t) => {
  const { run, home } = await startPool(t);
  const abort = new AbortController();
  const outcome = t.throwsAsync(run('sleep 600 & echo $! > child; wait', abort.signal), { message: 'superseded' });
  await waitFor(() => existsSync(join(home, 'child')) && readFile(join(home, 'child'), 'utf8'), { what: 'the child' });
  abort.abort(new Error('superseded'));
  await outcome;
  await waitFor(async () => !(await isAlive(join(home, 'child'))), { what: 'the child to be gone' });
});

test('memory has a limit', async (t) => {
  const { pool, home } = await startPool(t, { limits: { memoryBytes: 64 * 1024 * 1024 } });
  if (!(await pool.confinement()).hasLimits) return t.pass('no prlimit on this machine');
  const outcome = await pool.run({ program: '/usr/bin/perl', args: ['-e', '$x = "x" x (512 * 1024 * 1024); print length $x'], home }, NEVER);
  t.like(outcome, { ok: false, reason: 'RenderOutOfMemory' });
});

test('output has a limit', async (t) => {
  const { run } = await startPool(t, { limits: { outputBytes: 1000 } });
  t.like(await run('yes'), { ok: false, reason: 'RenderOutputTooLarge' });
});

test('nothing of our environment is inherited, and home is private', async (t) => {
  process.env['HEADWAY_TEST_SECRET'] = 'hunter2';
  const { run, home } = await startPool(t);
  const outcome = await run('env; pwd');
  const text = outcome.ok ? outcome.output.toString() : '';
  t.false(text.includes('hunter2'));
  t.true(text.includes(`HOME=${home}\n`) && text.includes(`TMPDIR=${home}\n`) && text.endsWith(`${home}\n`));
});

test('there is no network', async (t) => {
  const { pool, run } = await startPool(t);
  const { network } = await pool.confinement();
  const outcome = await run('cat /proc/net/dev; echo $https_proxy');
  const text = outcome.ok ? outcome.output.toString() : '';
  t.regex(text, /http:\/\/127\.0\.0\.1:9/);
  if (network === 'namespace') t.deepEqual([...text.matchAll(/^\s*([\w-]+):/gm)].map(([, name]) => name).filter((name) => name !== 'lo' && name !== 'http'), []);
});

test('no more programs at once than there may be; one that waits can be given up', async (t) => {
  const { run, home } = await startPool(t, { concurrency: 1 });
  const first = run('touch started; while ! test -e go; do sleep 0.01; done');
  await waitFor(() => existsSync(join(home, 'started')), { what: 'the first' });
  const abort = new AbortController();
  const given = t.throwsAsync(run('touch given-up', abort.signal), { message: 'newer' });
  const third = run('touch third');
  abort.abort(new Error('newer'));
  await given;
  t.false(existsSync(join(home, 'third')));
  await writeFile(join(home, 'go'), '');
  await Promise.all([first, third]);
  t.true(existsSync(join(home, 'third')));
  t.false(existsSync(join(home, 'given-up')));
});

test('a machine without unshare and prlimit is told by what it lacks', async (t) => {
  const { pool } = await startPool(t, { path: '/nonexistent' });
  t.deepEqual(await pool.confinement(), { network: 'proxy', hasLimits: false, prefix: [] });
});
