import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, REPOSITORIES, SECRETS } from '#api/resources.ts';
import { packChart, startChartServer } from '#test/support/chart-server.ts';
import { startSyncBench } from '#test/support/sync-bench.ts';
import { startSourceBench } from '#test/support/tracked-source.ts';
import { startHttpsServer } from '#test/support/web-server.ts';
import { waitFor } from '#test/support/wait.ts';

test('the newest release, a range and a version of a chart; an unchanged index is not sent again, a yanked version goes', async (t) => {
  t.timeout(120_000);
  const server = await startChartServer(t);
  for (const version of ['1.0.0', '1.2.0', '2.0.0-rc.1']) server.publish('web', version);
  server.protect();
  const bench = await startSourceBench(t);
  bench.secrets.set('charts', { 'ca.crt': server.ca, username: 'ada', password: 's3cret' });
  const place = { url: server.url, chart: 'web', secret: 'charts' };
  const follow = async (ref: string, expected: string) => {
    const tracked = bench.track({ ...place, ref, pollIntervalMs: 300 });
    await waitFor(() => tracked.accepted.at(-1)?.resolvedRef === expected || (tracked.errors.length > 0 && t.fail(String(tracked.errors[0]))), { what: `${ref} to be ${expected}`, timeoutMs: 40_000 });
    return tracked;
  };
  const newest = await follow('main', '1.2.0');
  const range = await follow('~1.0', '1.0.0');
  await follow('2.0.0-rc.1', '2.0.0-rc.1');
  const { repository, revision } = newest.accepted[0] ?? t.fail() as never;
  const { tree, author } = await repository.commit(revision);
  t.deepEqual((await repository.tree(tree)).map(({ name }) => name), ['Chart.yaml', 'templates', 'values.yaml']);
  t.regex(author, /^web <web@127\.0\.0\.1:\d+>$/);
  await waitFor(() => server.requests.includes('/charts/index.yaml 304'), { what: 'an index that is as it was' });

  // Another process makes the same commit.
  const other = await startSourceBench(t);
  other.secrets.set('charts', { 'ca.crt': server.ca, username: 'ada', password: 's3cret' });
  t.is((await other.track({ ...place, ref: '1.2.0' }).reaches(revision)).resolvedRef, '1.2.0');

  server.publish('web', '1.3.0');
  await waitFor(() => newest.accepted.at(-1)?.resolvedRef === '1.3.0', { what: 'the new version', timeoutMs: 40_000 });
  server.setIndex((text) => text.replace('version: 1.3.0', 'version: not-a-version'));
  await newest.reaches(revision);
  t.is(range.accepted.length, 1);
  t.regex((await bench.track({ ...place, ref: '>=9' }).fails('NoMatchingVersion')).message, /chart web has no version in ">=9"; the newest versions are 2\.0\.0-rc\.1, 1\.2\.0/);
  await bench.track({ ...place, chart: 'db' }).fails('ChartNotFound');
  bench.secrets.set('charts', { 'ca.crt': server.ca, username: 'ada', password: 'other' });
  t.notRegex((await bench.track(place).fails('AccessDenied')).message, /other/);
  bench.secrets.set('charts', { username: 'ada', password: 's3cret' });
  await bench.track(place).fails('CertificateRefused');
});

test('an archive that is another than the index says is not taken', async (t) => {
  t.timeout(120_000);
  const server = await startChartServer(t);
  server.publish('web', '1.0.0');
  const bench = await startSourceBench(t);
  bench.secrets.set('charts', { 'ca.crt': server.ca });
  const tracked = bench.track({ url: server.url, chart: 'web', secret: 'charts', pollIntervalMs: 200 });
  await waitFor(() => tracked.accepted.at(-1), { what: 'the chart', timeoutMs: 40_000 });
  server.setIndex((text) => text.replace(/digest: [0-9a-f]{64}/, `digest: ${'f'.repeat(64)}`));
  t.regex((await tracked.fails('ChartDamaged')).message, /web-1\.0\.0\.tgz has digest sha256:[0-9a-f]{64}, not sha256:f{64}/);
  t.is(tracked.accepted.length, 1, 'what was in force stays');
});

test('a chart of an OCI registry, with a token of its service and an archive that lies elsewhere', async (t) => {
  t.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), 'headway-oci-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const archive = readFileSync(packChart(directory, { chart: 'web', version: '1.0.0+build.1' }));
  const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
  const elsewhere = await startHttpsServer(t, (request, response) => void response.writeHead(request.headers.authorization === undefined ? 200 : 400).end(archive));
  const server = await startHttpsServer(t, (request, response) => {
    const send = (body: unknown, headers: Readonly<Record<string, string>> = {}): void => void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const url = request.url ?? '';
    if (url === '/token?service=registry&scope=repository%3Aacme%2Fweb%3Apull') {
      return request.headers.authorization === `Basic ${Buffer.from('ada:s3cret').toString('base64')}` ? send({ token: 'pull' }) : void response.writeHead(401).end();
    }
    if (request.headers.authorization !== 'Bearer pull') return void response.writeHead(401, { 'www-authenticate': `Bearer realm="https://${request.headers.host}/token",service="registry",scope="repository:acme/web:pull"` }).end();
    if (url === '/v2/acme/web/tags/list?n=1000') return send({ tags: ['0.9.0'] }, { link: '</v2/acme/web/tags/list?n=1000&last=0.9.0>; rel="next"' });
    if (url === '/v2/acme/web/tags/list?n=1000&last=0.9.0') return send({ tags: ['1.0.0_build.1', 'sha256-abc.sig'] });
    if (url === '/v2/acme/web/manifests/1.0.0_build.1') return send({ layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', digest }], annotations: { 'org.opencontainers.image.created': '2026-01-02T03:04:05Z' } });
    if (url === '/v2/acme/web/manifests/0.9.0') return send({ layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest }] });
    if (url === `/v2/acme/web/blobs/${digest}`) return void response.writeHead(307, { location: `${elsewhere.url}/signed?key=s3cret` }).end();
    return void response.writeHead(404).end('{}');
  });
  const bench = await startSourceBench(t);
  bench.secrets.set('oci', { 'ca.crt': `${server.ca}\n${elsewhere.ca}`, username: 'ada', password: 's3cret' });
  const place = { url: server.url.replace('https:', 'oci:') + '/acme', chart: 'web', secret: 'oci' };
  const tracked = bench.track(place);
  const { repository, revision, resolvedRef } = await waitFor(() => tracked.accepted.at(-1) ?? (tracked.errors.length > 0 && t.fail(String(tracked.errors[0]))), { what: 'the chart', timeoutMs: 40_000 });
  t.is(resolvedRef, '1.0.0+build.1');
  t.true((await repository.tree((await repository.commit(revision)).tree)).some(({ name }) => name === 'Chart.yaml'));
  t.regex((await bench.track({ ...place, ref: '0.9.0' }).fails('InvalidChart')).message, /is no Helm chart$/);
  await bench.track({ ...place, chart: 'db' }).fails('ChartNotFound');
});

test('an Application renders a published chart with values of its own, and a newer version in the range is applied', async (t) => {
  t.timeout(180_000);
  const server = await startChartServer(t);
  server.publish('web', '1.0.0');
  const bench = await startSyncBench(t, {});
  const namespace = 'headway-system';
  await bench.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'charts' }, data: { 'ca.crt': Buffer.from(server.ca).toString('base64') } });
  await bench.client.create(REPOSITORIES, { apiVersion: 'headway.dev/v1', kind: 'Repository', metadata: { namespace, name: 'web' }, spec: { url: server.url, chart: 'web', ref: '^1', secretRef: { name: 'charts' } } });
  await bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace, name: 'hello' }, spec: { repository: 'web', render: { helm: { values: { greeting: 'good morning' } } } } });
  const shows = (version: string): Promise<unknown> => waitFor(async () => (await bench.find(CONFIG_MAPS, 'hello'))?.data?.['version'] === version, { what: `version ${version}`, timeoutMs: 60_000 });
  await shows('1.0.0');
  const { data, metadata } = (await bench.find(CONFIG_MAPS, 'hello')) ?? t.fail() as never;
  t.deepEqual(data, { greeting: 'good morning', version: '1.0.0' });
  t.is(metadata.annotations?.['headway.dev/path'], 'templates/config.yaml');
  server.publish('web', '1.1.0');
  await bench.client.patch(REPOSITORIES, { namespace, name: 'web' }, { type: 'merge', body: { spec: { pollInterval: '5m' } } });
  await shows('1.1.0');
  t.is((await bench.client.get(REPOSITORIES, { namespace, name: 'web' })).status?.resolvedRef, '1.1.0');
});
