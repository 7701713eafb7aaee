import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { packChart } from '#test/support/chart-server.ts';
import type { TakenChart } from '#test/support/chart-process.ts';

const ROUNDS = 20;
const VERSION = '1.0.0';
const COMMIT = /^[0-9a-f]{40}$/;

/** Takes a version into a mirror, in a process of its own; the commit, or what went wrong. */
type Take = (gitDir: string) => Promise<string>;

function startProcess(t: ExecutionContext, archive: string): Take {
  const child = fork(new URL('../../support/chart-process.ts', import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] });
  t.teardown(() => child.kill('SIGKILL'));
  return async (gitDir) => {
    const answer = once(child, 'message');
    child.send({ gitDir, archive, version: VERSION, url: 'https://charts.example.org/web-1.0.0.tgz', time: 1_700_000_000 } satisfies TakenChart);
    return String((await answer)[0]);
  };
}

function setUp(t: ExecutionContext, processes: number) {
  const directory = mkdtempSync(join(tmpdir(), 'headway-chart-cache-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const archive = packChart(directory, { chart: 'web', version: VERSION });
  return { gitDir: join(directory, 'cache', 'a.git'), takes: Array.from({ length: processes }, () => startProcess(t, archive)) };
}

test(`processes that take the same chart into one empty cache at once all have it, ${ROUNDS} times`, async (t) => {
  t.timeout(180_000);
  const { gitDir, takes } = setUp(t, 3);
  for (let round = 0; round < ROUNDS; round++) {
    const of = join(gitDir, '..', `${round}.git`);
    const commits = await Promise.all(takes.map((take) => take(of)));
    t.regex(commits[0] ?? '', COMMIT);
    t.is(new Set(commits).size, 1, commits.join('\n'));
  }
  t.deepEqual(readdirSync(join(gitDir, '..')).length, ROUNDS, 'nothing else is left');
});

test('what a process that was killed has left stops no other: half of a repository, a lock', async (t) => {
  t.timeout(60_000);
  const { gitDir, takes: [take = t.fail() as never] } = setUp(t, 1);
  mkdirSync(join(gitDir, 'refs'), { recursive: true });
  const commit = await take(gitDir);
  t.regex(commit, COMMIT);
  rmSync(join(gitDir, 'refs/tags', VERSION));
  const lock = join(gitDir, 'refs/tags', `${VERSION}.lock`);
  writeFileSync(lock, '');
  t.regex(await take(gitDir), /cannot lock ref/, 'a process may hold it');
  t.true(existsSync(lock));
  utimesSync(lock, 0, 0);
  t.is(await take(gitDir), commit);
});
