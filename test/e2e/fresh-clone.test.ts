import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { curl } from '#test/support/demo.ts';
import { freePort } from '#test/support/free-port.ts';
import { exec, ROOT } from '#test/support/headway.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const directory = temporaryDirectory('headway-clone');
const clone = join(directory, 'headway');
const dataDir = join(directory, 'data');
/** As a new user's shell: none of the paths that npm adds for its scripts. */
const env = { ...process.env, PATH: (process.env['PATH'] ?? '').split(':').filter((p) => !p.includes('node_modules')).join(':') };
let start: ChildProcess | undefined;

test.after.always(async () => {
  if (start && start.exitCode === null) start.kill('SIGINT');
  await exec(join(ROOT, 'bin/headway'), ['reset', '--data-dir', dataDir]);
  rmSync(directory, { recursive: true, force: true });
});

test.serial('a fresh clone and npm start: the demo runs and its Service answers', async (t) => {
  t.timeout(300_000);
  // What is committed is what a user gets.
  execFileSync('git', ['clone', '--quiet', ROOT, clone], { stdio: 'pipe' });
  const ports = ['--port', String(await freePort()), '--agent-port', String(await freePort())];
  start = spawn('npm', ['start', '--', '--data-dir', dataDir, ...ports], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const child = start;
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
    return output.includes('Try:');
  }, { what: `the closing table of npm start; so far:\n${output}`, timeoutMs: 240_000, intervalMs: 100 });
  t.regex(output, /Deployment +demo +web +2\/2 ready/);
  t.regex(output, /kubeconfig: .*\/data\/kubeconfig/);
  const url = /curl (http:\S+)/.exec(output)?.[1] ?? '';
  t.regex(await curl(url), /Headway/);
});

test.serial('a second set-up with all present prints nothing and takes under 2 s of the processor', async (t) => {
  const result = await exec('bash', ['-c', 'TIMEFORMAT="%U %S"; time bash scripts/setup.sh'], { cwd: clone, env });
  t.is(result.code, 0, result.stderr);
  t.is(result.stdout, '');
  const [user = 9, system = 9] = (result.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  t.true(user + system < 2, result.stderr);
});
