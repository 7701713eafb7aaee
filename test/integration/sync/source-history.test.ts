import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type GitServer, type ServedRepository, startGitServer } from '#test/support/git-server.ts';
import { type SourceBench, startSourceBench, type Tracked, type TrackOptions } from '#test/support/tracked-source.ts';
import { waitFor } from '#test/support/wait.ts';

interface Bench extends Omit<SourceBench, 'track'> {
  readonly server: GitServer;
  readonly repository: ServedRepository;
  track(options?: Partial<TrackOptions>): Tracked;
}

async function setUp(t: ExecutionContext): Promise<Bench> {
  const server = await startGitServer(t);
  const { track, ...bench } = await startSourceBench(t);
  bench.secrets.set('ca', { 'ca.crt': server.caPem });
  const repository = await server.create();
  return { ...bench, server, repository, track: (options) => track({ url: repository.url, secret: 'ca', ...options }) };
}

const exchanges = ({ requests }: GitServer): number => requests.filter((line) => line.includes('service=git-upload-pack')).length;
const packs = ({ requests }: GitServer): number => requests.filter((line) => line.startsWith('POST')).length;

test('branches, tags of both kinds, commits that no branch leads to, and versions', async (t) => {
  const { repository: { clone, commit, push }, track } = await setUp(t);
  const lost = commit({ 'a.yaml': '0' });
  clone.git('commit', '--quiet', '--amend', '--message=rewritten');
  const first = clone.git('rev-parse', 'HEAD');
  clone.git('tag', 'v1.0.0');
  clone.git('tag', '--annotate', '--message=one', '1.1.0');
  push('--force', 'HEAD:main', '--tags');
  const second = clone.commit({ 'a.yaml': '2' });
  clone.git('tag', 'v2.0.0-rc.1');
  push('HEAD:side', '--tags');
  for (const [ref, revision, name] of [
    ['main', first, 'main'], ['refs/heads/side', second, 'refs/heads/side'], ['v1.0.0', first, 'v1.0.0'], ['1.1.0', first, '1.1.0'], [first, first, first], [lost, lost, lost],
    ['^1.0', first, '1.1.0'], ['1.x', first, '1.1.0'], ['1.0', first, 'v1.0.0'], ['*', first, '1.1.0'], ['>=2.0.0-0', second, 'v2.0.0-rc.1'],
  ] as const) {
    t.is((await track({ ref }).reaches(revision)).resolvedRef, name, ref);
  }
  t.regex((await track({ ref: '>=3' }).fails('NoMatchingVersion')).message, /newest versions are v2\.0\.0-rc\.1, 1\.1\.0/);
  t.regex((await track({ ref: 'trunk' }).fails('RefNotFound')).message, /main, side/);
  await track({ ref: 'f'.repeat(40) }).fails('RefNotFound');
});

test('a new tag is followed at the next look', async (t) => {
  const { repository: { clone, commit, push }, track } = await setUp(t);
  const first = commit({ 'a.yaml': '1' });
  clone.git('tag', 'v1.0.0');
  push('--tags');
  const tracked = track({ ref: '^1', pollIntervalMs: 200 });
  await tracked.reaches(first);
  const second = clone.commit({ 'a.yaml': '2' });
  clone.git('tag', 'v1.4.0');
  push('--tags');
  t.is((await tracked.reaches(second)).resolvedRef, 'v1.4.0');
});

test('rewritten history is taken over; a deleted branch is an error and its last commit stays', async (t) => {
  const { repository: { clone, commit, push }, track } = await setUp(t);
  commit({ 'a.yaml': '1' });
  const second = commit({ 'a.yaml': '2' });
  push('HEAD:side');
  const tracked = track({ ref: 'side' });
  await tracked.reaches(second);
  clone.git('reset', '--quiet', '--hard', 'HEAD~1');
  const other = clone.commit({ 'b.yaml': '1' });
  push('--force', 'HEAD:side');
  tracked.tracker.look();
  await tracked.reaches(other);
  push('--delete', 'side');
  tracked.tracker.look();
  await tracked.fails('RefNotFound');
  t.is(tracked.tracker.current?.revision, other);
  t.truthy(await tracked.tracker.current?.repository.commit(other));
});

test('an empty repository says so, and is followed from its first commit on', async (t) => {
  const { repository: { commit }, track } = await setUp(t);
  const tracked = track({ pollIntervalMs: 200 });
  await tracked.fails('EmptyRepository');
  await tracked.reaches(commit({ 'a.yaml': '1' }));
  t.is(tracked.revisions.length, 1);
});

test('a host that is away is an error; a process that starts meanwhile goes on with the commit of the one before', async (t) => {
  const { repository, server, track, cacheDir, secrets } = await setUp(t);
  const { commit } = repository;
  const first = commit({ 'a.yaml': '1' });
  const tracked = track();
  await tracked.reaches(first);
  await server.pause();
  tracked.tracker.look();
  await tracked.fails('Unreachable');
  t.is(tracked.tracker.current?.revision, first);
  tracked.tracker.stop();
  const next = await startSourceBench(t, cacheDir);
  for (const [name, data] of secrets) next.secrets.set(name, data);
  const after = next.track({ url: repository.url, secret: 'ca', last: first, pollIntervalMs: 200 });
  await after.reaches(first);
  await after.fails('Unreachable');
  const second = commit({ 'a.yaml': '2' });
  await server.resume();
  await after.reaches(second);
});

test('one mirror and one poll serve all who follow a URL with the same Secret; nothing new costs no fetch', async (t) => {
  const { repository: { commit }, server, track, cacheDir, secrets } = await setUp(t);
  const head = commit({ 'a.yaml': '1' });
  const all = Array.from({ length: 10 }, () => track());
  for (const tracked of all) await tracked.reaches(head);
  t.is(readdirSync(cacheDir).filter((name) => name.endsWith('.git')).length, 1);
  const [before, fetched] = [exchanges(server), packs(server)];
  for (const { tracker } of all) tracker.look();
  // Whoever comes next waits for the exchange that all share, and so knows that it is over.
  secrets.set('other', secrets.get('ca') ?? {});
  await track({ secret: 'other' }).reaches(head);
  const second = commit({ 'a.yaml': '2' });
  for (const { tracker } of all) tracker.look();
  for (const tracked of all) await tracked.reaches(second);
  t.is(readdirSync(cacheDir).filter((name) => name.endsWith('.git')).length, 2, 'another Secret has a mirror of its own');
  t.true(exchanges(server) - before <= 8, `${exchanges(server) - before} exchanges for 20 looks`);
  t.true(packs(server) - fetched <= 12, `${packs(server) - fetched}`);
});

for (const [damage, spoil] of [
  ['is gone', (path: string): void => rmSync(path)],
  ['is cut off', (path: string): void => truncateSync(path, 40)],
] as const) {
  test(`a mirror whose pack ${damage} is fetched anew`, async (t) => {
    const { repository: { clone, commit }, track, cacheDir } = await setUp(t);
    const head = commit({ 'a.yaml': '1', 'dir/b.yaml': '2' });
    const first = track({ pollIntervalMs: 300 });
    const { repository } = await first.reaches(head);
    const mirror = join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.git')) ?? '');
    spoilObjects(mirror, spoil);
    repository.reset();
    const blob = clone.git('rev-parse', 'HEAD:a.yaml');
    await t.throwsAsync(async () => {
      if (!(await repository.blob(blob, 100))) throw new Error('missing');
    });
    await waitFor(async () => (await repository.blob(blob, 100).catch(() => undefined)) !== undefined, { what: 'the blob to be back', timeoutMs: 40_000 });
    t.is((await repository.commit(head)).oid, head);
    t.deepEqual(readdirSync(cacheDir).filter((name) => name.includes('.git')).length, 1);
  });
}

/** Packs, or the loose objects into which git unpacks a small fetch. */
function spoilObjects(gitDir: string, spoil: (path: string) => void): void {
  const objects = join(gitDir, 'objects');
  for (const name of readdirSync(objects, { recursive: true, withFileTypes: true })) {
    if (name.isFile() && /\.pack$|^[0-9a-f]{38}$/.test(name.name)) spoil(join(name.parentPath, name.name));
  }
}
