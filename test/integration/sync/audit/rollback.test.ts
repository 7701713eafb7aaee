import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { APPLICATIONS, CONFIG_MAPS, REPOSITORIES } from '#api/resources.ts';
import { startAuditBench, type AuditBench } from '#test/support/audit-bench.ts';
import { waitFor } from '#test/support/wait.ts';
import { exec, type ExecResult } from '#test/support/headway.ts';
import { startPlainGitHttp, type PlainGitHttp } from '#test/support/plain-git-http.ts';
import { createTestRepository } from '#test/support/git-repository.ts';

const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;
const ROOT_APPLICATION = { namespace: 'headway-system', name: 'root' };

async function rollback(t: ExecutionContext, bench: AuditBench, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await bench.headway('rollback', ...args);
  t.is(code, 0, stderr + stdout);
  return stdout;
}

/** The bench's repository moves to a server; what is then pushed to the bench's own no longer counts. */
async function moveToServer(t: ExecutionContext, bench: AuditBench): Promise<PlainGitHttp> {
  const server = await startPlainGitHttp(t, bench.repository.path);
  await bench.client.patch(REPOSITORIES, ROOT_APPLICATION, { type: 'merge', body: { spec: { url: server.url, pollInterval: '1s' } } });
  return server;
}

test.serial('a local repository gets one commit on top of the newest, its clean work tree follows, and sync applies it', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1'), 'other/readme.txt': '1' });
  const { git, commit, path } = bench.repository;
  await bench.synced();
  const first = git('rev-parse', 'HEAD');
  await bench.synced(commit({ 'apps/one.yaml': config('one', '2'), 'apps/two.yaml': config('two', '1') }));
  const third = commit({ 'other/readme.txt': '2' });
  const planned = await rollback(t, bench, 'root', '--to', first.slice(0, 8), '--dry-run');
  t.regex(planned, /Would roll back headway-system\/root[^]*M apps\/one\.yaml[^]*D apps\/two\.yaml/);
  t.is(git('rev-parse', 'HEAD'), third);
  const said = await rollback(t, bench, 'root', '--to', first.slice(0, 8));
  t.regex(said, /Rolled back headway-system\/root[^]*The work tree .* was updated/);
  t.is(git('rev-parse', 'HEAD^'), third);
  t.is(git('rev-parse', 'HEAD:apps'), git('rev-parse', `${first}:apps`));
  t.is(git('show', 'HEAD:other/readme.txt'), '2');
  t.is(git('status', '--porcelain'), '');
  t.is(readFileSync(join(path, 'apps/one.yaml'), 'utf8'), config('one', '1'));
  t.is(git('log', '-1', '--format=%an %s'), `Grace Roll back headway-system/root to ${first.slice(0, 12)}`);
  t.is(git('log', '-1', '--format=%(trailers:key=Headway-Rollback-To,valueonly)'), first);
  await bench.synced();
  t.deepEqual((await bench.find(CONFIG_MAPS, 'one'))?.data, { value: '1' });
  t.is(await bench.find(CONFIG_MAPS, 'two'), undefined);
  t.regex(await rollback(t, bench, 'root', '--to', first), /Nothing to do/);
});

test.serial('a work tree with changes is left alone; a branch of its own takes the commit instead', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  const { git, commit, path } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  const second = commit({ 'apps/one.yaml': config('one', '2') });
  writeFileSync(join(path, 'apps/one.yaml'), 'mine');
  const refused = await bench.headway('rollback', 'root', '--to', first);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /changes that are not committed/);
  t.is(git('rev-parse', 'main'), second);
  await rollback(t, bench, 'root', '--to', first, '--branch', 'back', '-m', 'Back, please');
  t.is(git('rev-parse', 'main'), second);
  t.is(git('rev-parse', 'back^'), second);
  t.is(git('log', '-1', '--format=%s', 'back'), 'Back, please');
  t.is(git('rev-parse', 'back:apps'), git('rev-parse', `${first}:apps`));
  t.is(readFileSync(join(path, 'apps/one.yaml'), 'utf8'), 'mine');
  t.regex((await bench.headway('rollback', 'root', '--to', first, '--branch', 'back')).stderr, /branch back is there already/);
});

test.serial('what an overlay was rendered from outside of its folder goes back too, and is said', async (t) => {
  const bench = await startAuditBench(t, { 'base/one.yaml': config('one', '1'), 'base/kustomization.yaml': 'resources: [one.yaml]\n', 'apps/kustomization.yaml': 'resources: [../base]\n' });
  const { git, commit } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  commit({ 'base/one.yaml': config('one', '2'), 'base/unrelated.txt': 'kept' });
  const said = await rollback(t, bench, 'root', '--to', first);
  t.regex(said, /Outside of the Application's folders[^]*base\/one\.yaml/);
  t.is(git('show', 'HEAD:base/one.yaml'), config('one', '1').trimEnd());
  t.is(git('show', 'HEAD:base/unrelated.txt'), 'kept');
});

test.serial('the commit is signed with git\'s own configuration', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  const { git, commit } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  commit({ 'apps/one.yaml': config('one', '2') });
  const key = join(bench.cache, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  writeFileSync(join(bench.cache, '.gitconfig'), `[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = ${key}.pub\n`);
  await rollback(t, bench, 'root', '--to', first, '--sign');
  const signers = join(bench.cache, 'signers');
  writeFileSync(signers, `grace@example.org ${readFileSync(`${key}.pub`, 'utf8')}`);
  const verified = await exec('git', ['-C', bench.repository.path, '-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', '-v', 'main']);
  t.is(verified.code, 0, verified.stderr);
});

test.serial('two rollbacks and another writer on one branch of a server lose nothing', async (t) => {
  t.timeout(120_000);
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1'), 'shop/two.yaml': config('two', '1') });
  const { git, commit } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  commit({ 'apps/one.yaml': config('one', '2'), 'shop/two.yaml': config('two', '2') });
  const server = await moveToServer(t, bench);
  await bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace: 'headway-system', name: 'shop' }, spec: { repository: 'root', path: 'shop' } } as never);
  const clone = createTestRepository(join(bench.cache, 'clone'));
  clone.git('remote', 'add', 'origin', server.url);
  // The server is in this process: nothing that waits for it may block.
  const remotely = (...args: readonly string[]): Promise<ExecResult> => exec('git', ['-C', clone.directory, ...args], { timeoutMs: 20_000 });
  const written = 8;
  const write = async (): Promise<void> => {
    for (let note = 0; note < written; note++) {
      for (let done = false; !done;) {
        t.is((await remotely('fetch', '--quiet', 'origin')).code, 0);
        clone.git('reset', '--quiet', '--hard', 'origin/main');
        clone.write(`notes/${note}.txt`, 'note');
        clone.commit(`Note ${note}`);
        done = (await remotely('push', '--quiet', 'origin', 'HEAD:main')).code === 0;
      }
    }
  };
  const [, ...said] = await Promise.all([write(), rollback(t, bench, 'root', '--to', first), rollback(t, bench, 'shop', '--to', first)]);
  t.regex(said.join(''), /^Rolled back headway-system\/root[^]*Rolled back headway-system\/shop/);
  t.is(server.git('rev-list', '--count', '--merges', 'main'), '0');
  t.is(Number(server.git('rev-list', '--count', 'main')), 2 + 2 + written, 'every commit of everybody');
  t.is(server.git('rev-parse', 'main:apps'), git('rev-parse', `${first}:apps`));
  t.is(server.git('rev-parse', 'main:shop'), git('rev-parse', `${first}:shop`));
  t.is(server.git('ls-tree', '--name-only', 'main:notes').split('\n').length, written);
});

test.serial('without Git, or without the right to write, the Application is pinned and says why; --resume ends it', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  const { git, commit } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  commit({ 'apps/one.yaml': config('one', '2') });
  const server = await moveToServer(t, bench);
  const pinned = async (): Promise<{ readonly revision: string | undefined; readonly why: string | undefined }> => {
    const { spec, metadata } = await bench.application();
    return { revision: spec.pinnedRevision, why: metadata.annotations?.['headway.dev/pinned'] };
  };
  server.setWritable(false);
  t.regex(await rollback(t, bench, 'root', '--to', 'main~1'), /Pinned headway-system\/root to/);
  t.is((await pinned()).revision, first);
  t.regex((await pinned()).why ?? '', /rolled back by .*403/);
  const condition = await waitFor(async () => (await bench.application()).status?.conditions?.find(({ type, reason }) => type === 'Synced' && reason === 'Pinned'), { what: 'the condition' });
  t.regex(condition.message, /newer commits are not followed: rolled back by .*403/);
  t.regex(await rollback(t, bench, 'root', '--resume'), /follows its repository again/);
  t.deepEqual(await pinned(), { revision: undefined, why: undefined });
  await server.close();
  t.regex(await rollback(t, bench, 'root', '--to', 'main~1'), /Git cannot be written to: git fetch/, 'from the mirror');
  t.is((await pinned()).revision, first);
  t.regex(await rollback(t, bench, 'root', '--resume'), /follows/);
  const short = await bench.headway('rollback', 'root', '--to', 'nonsense');
  t.is(short.code, 1);
});
