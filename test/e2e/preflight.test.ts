import { once } from 'node:events';
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { instanceOf } from '#base/instance.ts';
import { freePort } from '#test/support/free-port.ts';
import { createTestRepository } from '#test/support/git-repository.ts';
import { exec, type ExecResult, ROOT, TestHeadway } from '#test/support/headway.ts';
import { tracesOf } from '#test/support/machine-state.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const [PORT, AGENT_PORT] = [await freePort(), await freePort()];
/** A person waits this long for a refusal, on a busy machine. */
const SOON_MS = 10_000;
const HEADWAY = join(ROOT, 'bin/headway');
/** Debian's `nobody`. */
const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'] as const;

const directory = temporaryDirectory('headway-preflight');
chmodSync(directory, 0o755);
const repository = createTestRepository(join(directory, 'repository'));
repository.write('web/namespace.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: web }\n');
repository.commit('One namespace');
mkdirSync(join(directory, 'plain'));
createTestRepository(join(directory, 'empty'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const REPO = ['--repo', repository.directory] as const;
const LOCAL = ['--port', String(PORT), '--agent-port', String(AGENT_PORT)] as const;
const SIMULATED = [...LOCAL, '--nodes', 'simulated:1'] as const;

/** Refused soon, with the message and nothing else; nothing was made. */
async function isRefused(t: ExecutionContext, message: RegExp, start: (dataDir: string) => Promise<ExecResult>): Promise<void> {
  const dataDir = join(directory, 'data', String(Math.random()).slice(2));
  const startedAt = performance.now();
  const result = await start(dataDir);
  t.is(result.code, 1);
  t.regex(result.stderr, message);
  t.regex(result.stderr, /^headway: .*\n$/, 'one line, no stack');
  t.true(performance.now() - startedAt < SOON_MS);
  t.deepEqual(tracesOf(instanceOf(dataDir)), []);
  t.false(existsSync(dataDir));
  t.false(existsSync(instanceOf(dataDir).runDir));
}
const up = (dataDir: string, ...flags: readonly string[]): Promise<ExecResult> => exec(HEADWAY, ['up', '--data-dir', dataDir, ...flags], { timeoutMs: 60_000 });

async function takePort(t: ExecutionContext, port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
}

test.serial('a taken port of the API server is named, with how to find who uses it', async (t) => {
  await takePort(t, PORT);
  await isRefused(t, new RegExp(`port ${PORT} of 127\\.0\\.0\\.1, for the API server, is taken; .*ss -ltnp.* --port`), (dataDir) => up(dataDir, ...SIMULATED));
});

test.serial('a taken port of the node agent is named', async (t) => {
  await takePort(t, AGENT_PORT);
  await isRefused(t, new RegExp(`port ${AGENT_PORT} of 127\\.0\\.0\\.1, for the node agent, is taken; .* --agent-port`), (dataDir) => up(dataDir, ...LOCAL));
});

const REPOSITORIES = [
  { name: 'a repository path that does not exist', flags: ['--repo', '/nowhere/at/all'], message: /--repo \/nowhere\/at\/all: there is no such folder/ },
  { name: 'a folder that is no Git repository', flags: ['--repo', join(directory, 'plain')], message: /plain is no Git repository .*; give the path of a Git repository or its URL/ },
  { name: 'a repository without a commit', flags: ['--repo', join(directory, 'empty')], message: /no such branch, tag or commit; it has no commit yet/ },
  { name: 'a ref that does not exist', flags: [...REPO, '--ref', 'mian'], message: /--ref mian: .* no such branch, tag or commit; its branches are main/ },
  { name: 'a ref that is an option', flags: [...REPO, '--ref=--all'], message: /--ref "--all" is no name of a branch/ },
  { name: 'a folder that the commit does not hold', flags: [...REPO, '--path', 'wbe'], message: /--path wbe: commit [0-9a-f]{7} of .* has no such folder/ },
] as const;
for (const { name, flags, message } of REPOSITORIES) {
  test.serial(`${name} is refused at once`, (t) => isRefused(t, message, (dataDir) => up(dataDir, ...SIMULATED, ...flags)));
}

test.serial('without root, containers are refused with what works instead', (t) =>
  isRefused(t, /needs root: use sudo, or try "headway up --nodes simulated:3"/, (dataDir) =>
    exec('setpriv', [...AS_NOBODY, HEADWAY, 'up', '--data-dir', join('/tmp', dataDir.split('/').at(-1) ?? ''), ...LOCAL])));

test.serial('a data directory that cannot be written is refused by name', (t) =>
  isRefused(t, /cannot write to .*, for the data directory .*; choose a folder of your own with --data-dir/, (dataDir) =>
    exec('setpriv', [...AS_NOBODY, HEADWAY, 'up', '--data-dir', dataDir, ...SIMULATED])));

test.serial('a machine without cgroups is refused with what to mount', (t) =>
  isRefused(t, /no cgroups: .*mount one/, (dataDir) =>
    exec('unshare', ['--mount', 'sh', '-c', 'umount -R /sys/fs/cgroup && exec "$@"', 'sh', HEADWAY, 'up', '--data-dir', dataDir, ...LOCAL])));

test.serial('a second up on the same data directory is refused, in the background too, and the first goes on', async (t) => {
  t.timeout(120_000);
  const first = new TestHeadway({ flags: ['--nodes', 'simulated:1'] });
  t.teardown(() => first.cleanUp());
  await first.up();
  const pid = first.pid('control-plane');
  for (const flags of [[], ['--detach']]) {
    const second = await up(first.dataDir, ...SIMULATED, ...flags);
    t.is(second.code, 1);
    t.regex(second.stderr, new RegExp(`^headway: Headway already runs on ${first.dataDir} \\(process ${first.pid('headway')}\\); .*headway down.*\\n$`));
  }
  t.is(first.pid('control-plane'), pid);
  t.is((await first.headway('status')).code, 0);
});

test.serial('a broken append-only log stops the start with the command that repairs it, and nothing is left running', async (t) => {
  t.timeout(120_000);
  const headway = new TestHeadway({ flags: ['--nodes', 'simulated:1'] });
  t.teardown(() => headway.cleanUp());
  await headway.up();
  await headway.interrupt();
  const [log = ''] = globSync(join(headway.dataDir, 'redis/appendonlydir/*.incr.aof'));
  const bytes = readFileSync(log);
  // The length of an argument: inside a value, the log's format would not show the damage.
  bytes.write('X', bytes.indexOf('\r\n$', 1000) + 2);
  writeFileSync(log, bytes);
  // With containers, so that containerd was on its way too.
  const result = await up(headway.dataDir, ...LOCAL);
  t.is(result.code, 1);
  t.regex(result.stderr, /^headway: The append-only log is broken at .*redis-check-aof --fix .*rebuilds itself from Git and from the nodes\.\n$/);
  t.deepEqual(tracesOf(headway.instance), []);
});

test.serial('where nothing runs: status and kubeconfig say so and fail, down and reset say so and succeed', async (t) => {
  const dataDir = join(directory, 'nothing');
  const run = (command: string) => exec(HEADWAY, [command, '--data-dir', dataDir]);
  const [status, kubeconfig, down, reset] = [await run('status'), await run('kubeconfig'), await run('down'), await run('reset')];
  t.is(status.code, 1);
  t.regex(status.stdout, /^PROCESS +PID +RESIDENT\nheadway +- +not running\n/);
  t.regex(status.stderr, /does not run on .*; start it with "headway up"/);
  t.is(kubeconfig.code, 1);
  t.regex(kubeconfig.stderr, /there is no kubeconfig in .*; "headway up" makes it/);
  t.deepEqual([down.code, reset.code], [0, 0]);
  t.regex(down.stdout, /was not running/);
  t.regex(reset.stdout, /nothing was to be removed/);
});

test.serial('reset leaves what is not Headway\'s in a data directory', async (t) => {
  const dataDir = join(directory, 'shared');
  mkdirSync(join(dataDir, 'redis'), { recursive: true });
  writeFileSync(join(dataDir, 'thesis.txt'), 'years of work');
  const reset = await exec(HEADWAY, ['reset', '--data-dir', dataDir]);
  t.is(reset.code, 0);
  t.regex(reset.stdout, /stays, for it holds what is not Headway's: thesis\.txt/);
  t.false(existsSync(join(dataDir, 'redis')));
  t.is(readFileSync(join(dataDir, 'thesis.txt'), 'utf8'), 'years of work');
});

test.serial('doctor prints a table and succeeds on a machine that lacks nothing that is needed', async (t) => {
  const doctor = await exec(HEADWAY, ['doctor']);
  t.is(doctor.code, 0, doctor.stdout);
  t.regex(doctor.stdout, /^ +CHECK +FOUND\n/);
  t.regex(doctor.stdout, /^ok +redis-server +\d/m);
});

test.serial('doctor fails where Headway cannot run, and says what the lack costs', async (t) => {
  const doctor = await exec('setpriv', [...AS_NOBODY, HEADWAY, 'doctor']);
  t.is(doctor.code, 1);
  t.regex(doctor.stdout, /^fail +user +uid 65534\n +Containers, networks and mounts need root\. .*headway up --nodes simulated:1/m);
});

test.serial('help names every command, and version is the package\'s', async (t) => {
  const help = await exec(HEADWAY, ['--help']);
  for (const command of ['up', 'down', 'reset', 'status', 'kubeconfig', 'doctor', 'apiserver', 'controllers', 'scheduler', 'sync', 'agent']) {
    t.regex(help.stdout, new RegExp(`^ +${command} `, 'm'));
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  t.is((await exec(HEADWAY, ['--version'])).stdout, `${version}\n`);
});
