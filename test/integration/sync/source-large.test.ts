import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';
import { startGitServer } from '#test/support/git-server.ts';
import { startSourceBench } from '#test/support/tracked-source.ts';

/** Of contents that compress to nothing smaller. */
const MEGABYTES = Number(process.env['HEADWAY_LARGE_REPOSITORY_MB'] ?? 24);
const MAX_BLOB_BYTES = 8 * 1024 * 1024;
/** What the process itself may need, whatever the size of the repository. */
const MAX_GROWTH_BYTES = 128 * 1024 * 1024;

test(`a repository of ${MEGABYTES} MB is followed without its contents in memory`, async (t) => {
  t.timeout(120_000 + MEGABYTES * 1000);
  const server = await startGitServer(t);
  const { clone, directory, url, commit } = await server.create();
  // git would look for deltas between random bytes, and compress them, for minutes.
  for (const path of [clone.path, directory]) for (const [name, value] of [['core.bigFileThreshold', '1m'], ['core.compression', '0']] as const) clone.git('-C', path, 'config', name, value);
  // One file is too large to be read, the others are not.
  for (let i = 0; i < MEGABYTES; i++) appendFileSync(join(clone.path, i < MEGABYTES / 2 ? 'large.bin' : `part-${i % 8}.bin`), randomBytes(2 ** 20));
  const head = commit({ 'apps/a.yaml': '1' });
  const bench = await startSourceBench(t);
  bench.secrets.set('ca', { 'ca.crt': server.caPem });
  const before = process.memoryUsage().rss;
  const { repository } = await bench.track({ url, secret: 'ca' }).reaches(head, 60_000 + MEGABYTES * 500);
  const oid = clone.git('rev-parse', 'HEAD:large.bin');
  const blob = await repository.blob(oid, MAX_BLOB_BYTES);
  t.is(blob?.content, undefined);
  t.true((blob?.size ?? 0) > MAX_BLOB_BYTES);
  t.is((await repository.blob(clone.git('rev-parse', 'HEAD:apps/a.yaml'), MAX_BLOB_BYTES))?.content?.toString(), '1');
  t.true(process.memoryUsage().rss - before < MAX_GROWTH_BYTES);
});

test('credentials are not taken along by a redirection', async (t) => {
  const server = await startGitServer(t);
  const { url, commit } = await server.create();
  commit({ 'a.yaml': '1' });
  const authority = await makeAuthority('redirect', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'redirect', ipAddresses: ['127.0.0.1'], usages: ['server'] }, Date.now());
  const redirect = createServer(pair, (request, response) => response.writeHead(301, { location: `${url}${(request.url ?? '').replace('/old.git', '')}` }).end());
  await new Promise<void>((resolve) => { redirect.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => {
    redirect.closeAllConnections();
    redirect.close();
  });
  const bench = await startSourceBench(t);
  bench.secrets.set('git', { 'ca.crt': `${server.caPem}\n${authority.cert}`, bearerToken: 'word' });
  await bench.track({ url: `https://127.0.0.1:${(redirect.address() as AddressInfo).port}/old.git`, secret: 'git' }).fails('Redirected');
  t.deepEqual(server.requests, []);
});
