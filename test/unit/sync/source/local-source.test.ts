import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { LocalSource } from '#sync/source/local-source.ts';
import type { SourceOptions } from '#sync/source/source.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';
import { startSourceBench } from '#test/support/tracked-source.ts';
import { waitFor } from '#test/support/wait.ts';

async function track(t: ExecutionContext, url: string, ref = 'main') {
  return (await startSourceBench(t)).track({ url, ref });
}

test('a commit, an amended one, a packed ref and a linked work tree are noticed', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const first = repository.commit({ a: '1' });
  const linked = join(repository.path, 'linked');
  repository.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const tracked = await track(t, repository.path);
  const fromLink = await track(t, linked);
  await tracked.reaches(first);
  await fromLink.reaches(first);
  const second = repository.commit({ a: '2' });
  await tracked.reaches(second);
  await fromLink.reaches(second);
  repository.git('commit', '--quiet', '--amend', '--message=rewritten');
  const rewritten = repository.git('rev-parse', 'HEAD');
  await tracked.reaches(rewritten);
  repository.git('gc', '--quiet', '--prune=now');
  const third = repository.commit({ a: '3' });
  await tracked.reaches(third);
  t.deepEqual(tracked.revisions, [first, second, rewritten, third]);
});

test('what the file system does not tell of is found at the poll interval, until nobody follows it', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const due: { readonly ms: number; readonly task: () => void; isCancelled: boolean }[] = [];
  const after = (ms: number, task: () => void): (() => void) => {
    const timer = { ms, task, isCancelled: false };
    due.push(timer);
    return () => { timer.isCancelled = true; };
  };
  const polls = () => due.filter(({ ms }) => ms === 7_000);
  const stop = new AbortController();
  let looks = 0;
  const options = { url: repository.path, ref: 'main', gitBinary: 'git', pollIntervalMs: 7_000, clock: { ...systemClock, after }, log: silentLogger } as unknown as SourceOptions;
  new LocalSource(repository.path, options).watch(() => { looks += 1; }, stop.signal);
  for (const expected of [1, 2]) {
    polls().at(-1)?.task();
    t.is(looks, expected);
  }
  stop.abort();
  t.deepEqual(polls().map(({ isCancelled }) => isCancelled), [false, false, true]);
});

test('an empty repository says so, and is followed from its first commit on', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const tracked = await track(t, repository.path);
  await tracked.fails('EmptyRepository');
  const first = repository.commit({ a: '1' });
  await tracked.reaches(first);
  t.deepEqual(tracked.revisions, [first]);
});

test('a ref that does not exist is refused with the branches that do', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({ a: '1' });
  const { errors } = await track(t, repository.path, 'trunk');
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
    const { errors } = await track(t, url || repository.path, ref);
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
  t.is((await (await track(t, clone)).reaches(head)).revision, head);
});
