import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openCheckout } from '#sync/audit/checkout.ts';
import { startPlainGitHttp } from '#test/support/plain-git-http.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

test('commands that run at once share one mirror, and what a killed one has left stops no other', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const revision = repository.commit({ 'a.yaml': '1' });
  const server = await startPlainGitHttp(t, repository.path);
  const cacheDir = mkdtempSync(join(tmpdir(), 'headway-checkout-'));
  t.teardown(() => rmSync(cacheDir, { recursive: true, force: true }));
  const open = async () => {
    const checkout = await openCheckout({ spec: { url: server.url }, cacheDir, gitBinary: 'git' });
    t.teardown(() => checkout.close());
    return checkout;
  };
  const [first, ...others] = await Promise.all([open(), open(), open(), open()]);
  t.deepEqual(others.map(({ gitDir }) => gitDir), others.map(() => first.gitDir));
  t.is(readdirSync(cacheDir).length, 1, 'nothing else is left');
  t.true(await first.repository.hasCommit(revision));

  const lock = join(first.gitDir, 'refs/heads/next.lock');
  writeFileSync(lock, '');
  server.git('branch', 'next', revision);
  t.regex((await open()).problem?.message ?? '', /cannot lock ref/, 'another may hold it');
  utimesSync(lock, 0, 0);
  t.is((await open()).problem, undefined);
  t.is(await first.history.resolve('next'), revision);
});
