import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { SourceError } from '#sync/errors.ts';
import { RepositoryTracker } from '#sync/source/repository-tracker.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';
import { waitFor } from '#test/support/wait.ts';

function track(t: { teardown(f: () => void): void }, url: string, ref = 'main') {
  const revisions: string[] = [];
  const errors: SourceError[] = [];
  const tracker = new RepositoryTracker({
    url, ref, pollIntervalMs: 60_000, cacheDir: '/nonexistent', gitBinary: 'git', clock: systemClock, log: silentLogger,
    onRevision: ({ revision }) => revisions.push(revision), onError: (error) => errors.push(error),
  });
  t.teardown(() => tracker.stop());
  tracker.start();
  return { revisions, errors };
}

test('a commit, an amended one, a packed ref and a linked work tree are noticed', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const first = repository.commit({ a: '1' });
  const linked = join(repository.path, 'linked');
  repository.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const { revisions } = track(t, repository.path);
  const fromLink = track(t, linked);
  await waitFor(() => revisions.at(-1) === first && fromLink.revisions.at(-1) === first, { what: 'the first commit' });
  const second = repository.commit({ a: '2' });
  await waitFor(() => revisions.at(-1) === second && fromLink.revisions.at(-1) === second, { what: 'the second commit' });
  repository.git('commit', '--quiet', '--amend', '--message=rewritten');
  const rewritten = repository.git('rev-parse', 'HEAD');
  await waitFor(() => revisions.at(-1) === rewritten, { what: 'rewritten history' });
  repository.git('gc', '--quiet', '--prune=now');
  const third = repository.commit({ a: '3' });
  await waitFor(() => revisions.at(-1) === third, { what: 'a commit after a repack' });
  t.deepEqual(revisions, [first, second, rewritten, third]);
});

test('an empty repository says so, and is followed from its first commit on', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const { revisions, errors } = track(t, repository.path);
  await waitFor(() => errors[0]?.data.reason === 'EmptyRepository', { what: 'the error' });
  const first = repository.commit({ a: '1' });
  await waitFor(() => revisions.at(-1) === first, { what: 'the first commit' });
  t.deepEqual(revisions, [first]);
});

test('a ref that does not exist is refused with the branches that do', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({ a: '1' });
  const { errors } = track(t, repository.path, 'trunk');
  await waitFor(() => errors.length > 0, { what: 'the error' });
  t.is(errors[0]?.data.reason, 'RefNotFound');
  t.regex(errors[0]?.message ?? '', /branches are main/);
});

for (const [name, url, ref, reason] of [
  ['a transport that runs commands', 'ext::sh -c id', 'main', 'InvalidURL'],
  ['a path that is no repository', '/proc', 'main', 'NotARepository'],
  ['a ref that is an option', '', '--upload-pack=x', 'InvalidRef'],
  ['a ref that is an expression', '', 'main~1', 'InvalidRef'],
] as const) {
  test(`refused: ${name}`, async (t) => {
    const repository = await createTemporaryRepository();
    t.teardown(() => repository.dispose());
    repository.commit({ a: '1' });
    const { errors } = track(t, url || repository.path, ref);
    await waitFor(() => errors.length > 0, { what: 'the error' });
    t.is(errors[0]?.data.reason, reason);
  });
}

test('a shallow clone and a repository of another user are read', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({ a: '1' });
  const head = repository.commit({ a: '2' });
  const clone = join(repository.path, 'shallow');
  repository.git('clone', '--quiet', '--depth=1', `file://${repository.path}`, clone);
  if (process.getuid?.() === 0) {
    await chown(join(clone, '.git'), 12345, 12345);
    await chmod(join(clone, '.git'), 0o755);
  }
  const { revisions } = track(t, clone);
  await waitFor(() => revisions.at(-1) === head, { what: 'the commit' });
  t.is(revisions.at(-1), head);
});
