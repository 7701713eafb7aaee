import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { KeyDirectory } from '#sync/source/key-directory.ts';
import { readCounts } from '#sync/source/mirror-upkeep.ts';
import { Mirror } from '#sync/source/mirror.ts';
import { type GitServer, startGitServer } from '#test/support/git-server.ts';
import { waitFor } from '#test/support/wait.ts';

const FETCHES = Number(process.env['HEADWAY_MIRROR_FETCHES'] ?? 60);
/** Of each commit, each in a folder of its own. */
const FILES = 4;

/** Commits on branch `all`, oldest first. */
function makeHistory(directory: string, count: number): readonly string[] {
  const git = (args: readonly string[], input = ''): string => execFileSync('git', ['-C', directory, ...args], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const file = (n: number): string => `M 100644 inline apps/${n}/a.yaml\ndata 400\n${randomBytes(200).toString('hex')}\n`;
  git(['fast-import', '--quiet'], Array.from({ length: count }, (_, i) => `commit refs/heads/all\ncommitter Ada <ada@example.org> ${i} +0000\ndata 1\nx\n${Array.from({ length: FILES }, (_of, n) => file(n)).join('')}`).join(''));
  return git(['rev-list', '--reverse', 'all']).trim().split('\n');
}

async function openMirror(t: ExecutionContext, server: GitServer, url: string) {
  const directory = await mkdtemp(join(tmpdir(), 'headway-upkeep-'));
  const gitDir = join(directory, 'a.git');
  const mirror = new Mirror({
    url: { kind: 'remote', url, protocols: 'https' }, credentials: () => Promise.resolve({ type: 'https', ca: server.caPem }), gitDir,
    keys: new KeyDirectory(join(directory, 'keys')), gitBinary: 'git', clock: systemClock, log: silentLogger,
  });
  t.teardown(async () => {
    mirror.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  });
  return { mirror, gitDir };
}

async function makeOld(path: string): Promise<void> {
  await writeFile(path, '');
  await utimes(path, 0, 0);
}

test(`${FETCHES} fetches leave few packs and few loose objects, and a commit that no ref leads to any more`, async (t) => {
  t.timeout(60_000 + FETCHES * 5000);
  const server = await startGitServer(t);
  const served = await server.create();
  const commits = makeHistory(served.directory, FETCHES);
  const moveMain = (to: string): void => void execFileSync('git', ['-C', served.directory, 'update-ref', 'refs/heads/main', to]);
  execFileSync('git', ['-C', served.directory, 'config', 'uploadpack.hideRefs', 'refs/heads/all']);
  const lost = served.commit({ 'a.yaml': 'lost' });
  const { mirror, gitDir } = await openMirror(t, server, served.url);
  await mirror.refresh();
  const killed = join(gitDir, 'objects/pack/tmp_pack_killed');
  await makeOld(killed);
  for (const [i, revision] of commits.entries()) {
    moveMain(revision);
    const repository = await mirror.refresh();
    if (i % 10 === 0) t.true(await repository.hasCommit(revision));
  }
  const stored = await waitFor(() => {
    const counts = readCounts(execFileSync('git', ['-C', gitDir, 'count-objects', '-v'], { encoding: 'utf8' }));
    return counts.packs + counts.loose < FETCHES / 2 ? counts : undefined;
  }, { what: 'a repack to end', timeoutMs: 60_000 });
  t.log(`${FETCHES} fetches left ${stored.packs} packs, ${stored.loose} loose objects, ${execFileSync('du', ['-sk', gitDir], { encoding: 'utf8' }).split('\t')[0]} KiB`);
  t.false(existsSync(killed));
  const repository = await mirror.refresh();
  t.deepEqual((await repository.commit(lost)).oid, lost);
  t.is((await repository.tree((await repository.commit(lost)).tree)).length, 1);
});

test('what a process that was killed has left stops no fetch: half of a mirror, locks of refs', async (t) => {
  const server = await startGitServer(t);
  const served = await server.create();
  served.commit({ 'a.yaml': '1' });
  served.push('HEAD:gone');
  const { mirror, gitDir } = await openMirror(t, server, served.url);
  await mkdir(join(gitDir, 'refs'), { recursive: true });
  await mirror.refresh();
  for (const name of ['packed-refs.lock', 'refs/heads/main.lock']) await makeOld(join(gitDir, name));
  served.push('--delete', 'gone');
  const next = served.commit({ 'a.yaml': '2' });
  const repository = await mirror.refresh();
  t.is(await repository.resolve('refs/heads/main'), next);
  await t.throwsAsync(repository.resolve('refs/heads/gone'));
});
