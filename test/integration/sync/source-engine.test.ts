import { createHmac } from 'node:crypto';
import test from 'ava';
import { CONFIG_MAPS, REPOSITORIES, SECRETS } from '#api/resources.ts';
import { ROOT_NAME, ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import type { ServedRepository } from '#test/support/git-server.ts';
import { config, exchanges, startRemoteSyncBench, TARGET } from '#test/support/remote-sync-bench.ts';
import { makeSigningKeys } from '#test/support/signing-keys.ts';
import { waitFor } from '#test/support/wait.ts';

test.serial('a webhook tells of a push; forged ones, other branches and floods cost nothing', async (t) => {
  const bench = await startRemoteSyncBench(t, { webhook: { secretRef: { name: 'hook' } } });
  const { server, served, webhookPort } = bench;
  await bench.setSecret('hook', { token: 'word' });
  const post = async (ref: string, { token = 'word', path = `/hooks/${ROOT_NAMESPACE}/${ROOT_NAME}`, event = 'push', pad = 0 } = {}): Promise<number> => {
    const body = JSON.stringify({ ref, pad: ' '.repeat(pad) });
    const headers = { 'content-type': 'application/json', 'x-github-event': event, 'x-hub-signature-256': `sha256=${createHmac('sha256', token).update(body).digest('hex')}` };
    const response = await fetch(`http://127.0.0.1:${webhookPort}${path}`, { method: 'POST', headers, body });
    await response.text();
    return response.status;
  };
  await waitFor(async () => (await post('', { event: 'ping' }).catch(() => 0)) === 200, { what: 'the port, and the token', timeoutMs: 20_000 });
  const quiet = exchanges(server);
  t.is(await post('refs/heads/main', { token: 'wr0ng' }), 401);
  t.is(await post('refs/heads/main', { path: `/hooks/${ROOT_NAMESPACE}/unknown` }), 401);
  t.is(await post('refs/heads/main', { path: '/other' }), 404);
  t.is(await post('refs/heads/main', { pad: 2 ** 20 }), 413);
  t.is(await post('refs/heads/side'), 202);
  t.is(await post('', { event: 'issues' }), 200);
  t.is((await fetch(`http://127.0.0.1:${webhookPort}/hooks/${ROOT_NAMESPACE}/${ROOT_NAME}`)).status, 405);
  t.is(exchanges(server), quiet, 'none of them was a reason to ask');
  const second = served.commit({ 'apps/one.yaml': config('one', '2') });
  t.is(await post('refs/heads/main'), 202);
  await bench.synced(second);
  const before = exchanges(server);
  const third = served.commit({ 'apps/one.yaml': config('one', '3') });
  t.deepEqual([...new Set(await Promise.all(Array.from({ length: 200 }, () => post('refs/heads/main'))))], [202]);
  await bench.synced(third);
  t.true(exchanges(server) - before <= 40, `${exchanges(server) - before} exchanges for 200 pushes`);
});

test.serial('revoked credentials are told, what is applied stays, and a new Secret counts at once', async (t) => {
  const bench = await startRemoteSyncBench(t, { pollInterval: '1s' });
  const { server, served } = bench;
  server.setCredentials({ username: 'ada', password: 'n3xt' });
  const second = served.commit({ 'apps/one.yaml': config('one', '2') });
  const { status } = await bench.ready('AccessDenied');
  t.regex(status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '', /Authentication failed.*stays in force/s);
  t.true(bench.events.some(({ type, reason }) => type === 'Warning' && reason === 'AccessDenied'));
  t.deepEqual((await bench.find(CONFIG_MAPS, 'one'))?.data, { value: '1' });
  await bench.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'one' });
  await waitFor(() => bench.find(CONFIG_MAPS, 'one'), { what: 'drift to be healed meanwhile' });
  await bench.setSpec({ pollInterval: '1h' });
  await bench.setSecret('git', { 'ca.crt': server.caPem, username: 'ada', password: 'n3xt' });
  await bench.synced(second);
  await bench.client.delete(SECRETS, { namespace: ROOT_NAMESPACE, name: 'git' });
  await bench.ready('SecretNotFound');
  t.false(JSON.stringify([bench.events, await bench.client.get(REPOSITORIES, TARGET)]).includes('s3cret'));
});

test.serial('only signed commits are applied; the signer is named, and a revert to a signed commit works', async (t) => {
  const bench = await startRemoteSyncBench(t, { pollInterval: '1s' });
  const ada = makeSigningKeys(t).ssh('ada');
  const { served: { clone, push } } = bench;
  await bench.setSpec({ verification: { signers: [ada.signer] } });
  await bench.ready('Unsigned');
  t.deepEqual((await bench.find(CONFIG_MAPS, 'one'))?.data, { value: '1' });
  const commit = (value: string, ...options: readonly string[]): string => {
    clone.commit({ 'apps/one.yaml': config('one', value) });
    clone.git(...ada.gitOptions, 'commit', '--quiet', '--amend', '--no-edit', ...options);
    push('--force', 'HEAD:main');
    return clone.git('rev-parse', 'HEAD');
  };
  const good = commit('2', '--gpg-sign');
  await bench.synced(good);
  t.like((await bench.ready('Fetched')).status, { revision: good, verifiedBy: 'ada', resolvedRef: 'main' });
  const bad = commit('3');
  const { status } = await bench.ready('Unsigned');
  t.is(status?.revision, good);
  t.true(bench.events.some(({ reason, message }) => reason === 'Unsigned' && message.includes(bad.slice(0, 12))));
  await bench.restart();
  await bench.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'one' });
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'one'))?.data?.['value'] === '2', { what: 'the signed commit to be in force after a restart', timeoutMs: 30_000 });
  clone.git(...ada.gitOptions, 'revert', '--no-edit', '--gpg-sign', 'HEAD');
  push('HEAD:main');
  const reverted = await bench.synced(clone.git('rev-parse', 'HEAD'));
  t.deepEqual(reverted.status?.errors ?? [], []);
});

test.serial('ignored files are no manifests, and other rules count at once', async (t) => {
  const bench = await startRemoteSyncBench(t, { ignore: ['apps/docs/', '*.draft.yaml', '!apps/keep.draft.yaml'], pollInterval: '1s' });
  const { served } = bench;
  const head = served.commit({ 'apps/docs/bad.yaml': 'kind: [', 'apps/two.draft.yaml': config('two', '1'), 'apps/keep.draft.yaml': config('keep', '1') });
  await bench.synced(head);
  t.truthy(await bench.find(CONFIG_MAPS, 'keep'));
  t.is(await bench.find(CONFIG_MAPS, 'two'), undefined);
  await bench.setSpec({ ignore: ['apps/docs/', 'apps/keep*'] });
  await waitFor(() => bench.find(CONFIG_MAPS, 'two'), { what: 'a file that is no longer ignored' });
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'keep')) === undefined, { what: 'a file that is ignored now to be gone' });
});

test.serial('files that are no text are refused by name, and nothing of the commit is applied', async (t) => {
  const bench = await startRemoteSyncBench(t, { pollInterval: '1s' });
  const { served: { clone, push } } = bench;
  const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';
  for (const [path, reason, make] of [
    ['apps/lfs.yaml', 'LFSPointer', () => clone.commit({ 'apps/lfs.yaml': LFS })],
    ['apps/utf16.yaml', 'UnsupportedEncoding', () => clone.git('update-index', '--add', '--cacheinfo', `100644,${hashBlob(clone, '\\377\\376k\\000')},apps/utf16.yaml`)],
    ['apps/binary.yaml', 'BinaryFile', () => clone.git('update-index', '--add', '--cacheinfo', `100644,${hashBlob(clone, 'a\\000b')},apps/binary.yaml`)],
    ['apps/link.yaml', 'UnsupportedLink', () => clone.git('update-index', '--add', '--cacheinfo', `120000,${hashBlob(clone, '/etc/passwd')},apps/link.yaml`)],
    ['apps/module', 'UnsupportedSubmodule', () => clone.git('update-index', '--add', '--cacheinfo', `160000,${clone.git('rev-parse', 'HEAD')},apps/module`)],
  ] as const) {
    make();
    if (clone.git('diff', '--cached', '--name-only') !== '') clone.git('commit', '--quiet', '--message', path);
    push('HEAD:main');
    const { status } = await bench.attempted(clone.git('rev-parse', 'HEAD'));
    t.like(status?.errors?.[0], { path, reason }, JSON.stringify(status?.errors));
    clone.git('reset', '--quiet', '--hard', 'HEAD~1');
    push('--force', 'HEAD:main');
    await bench.synced(clone.git('rev-parse', 'HEAD'));
  }
});

/** Id of a new blob with what printf makes of the text. */
const hashBlob = ({ git }: ServedRepository['clone'], text: string): string => git('-c', `alias.blob=!printf "$1" | git hash-object -w --stdin #`, 'blob', text);
