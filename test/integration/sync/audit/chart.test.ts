import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, REPOSITORIES, SECRETS } from '#api/resources.ts';
import { startAuditBench } from '#test/support/audit-bench.ts';
import { startChartServer } from '#test/support/chart-server.ts';
import { waitFor } from '#test/support/wait.ts';

const IN = { namespace: 'headway-system' };

test('of a published chart, versions take the place of commits: blame, get, diff, log, and a rollback that pins', async (t) => {
  t.timeout(180_000);
  const server = await startChartServer(t);
  server.publish('web', '1.0.0');
  server.publish('web', '1.1.0', { 'values.yaml': 'greeting: hi\n' });
  server.protect();
  const bench = await startAuditBench(t, { 'apps/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\n' });
  const data = Object.fromEntries(Object.entries({ 'ca.crt': server.ca, username: 'ada', password: 's3cret' }).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
  await bench.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { ...IN, name: 'charts' }, data });
  await bench.client.create(REPOSITORIES, { apiVersion: 'headway.dev/v1', kind: 'Repository', metadata: { ...IN, name: 'web' }, spec: { url: server.url, chart: 'web', ref: '1.0.0', pollInterval: '1s', secretRef: { name: 'charts' } } });
  await bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { ...IN, name: 'web' }, spec: { repository: 'web' } });
  const shows = (version: string) => waitFor(async () => (await bench.find(CONFIG_MAPS, 'web'))?.data?.['version'] === version, { what: version, timeoutMs: 60_000 });
  await shows('1.0.0');
  await bench.client.patch(REPOSITORIES, { ...IN, name: 'web' }, { type: 'merge', body: { spec: { ref: '1.x' } } });
  await shows('1.1.0');
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.headway(...args);
    t.is(code, args[0] === 'diff' ? 1 : 0, stderr);
    return stdout;
  };
  await waitFor(async () => (await bench.find(APPLICATIONS, 'web', IN.namespace))?.status?.conditions?.some((c) => c.type === 'Synced' && c.status === 'True'), { what: 'the chart applied' });
  t.regex(await ok('blame', 'cm/web'), /values\.yaml:1 .*greeting: hi/);
  t.regex(await ok('get', 'cm/web', '--at', '1.0.0'), /greeting: hello/);
  t.regex(await ok('diff', '1.0.0', '1.1.0', '--application', 'web'), /hello[^]*hi/);
  t.regex(await ok('log', 'cm/web'), /Updated as of/);
  t.regex((await bench.headway('rollback', 'web', '--to', '1.0.0', '--branch', 'x')).stderr, /of the published chart web a version is pinned/);
  t.regex(await ok('rollback', 'web', '--to', '1.0.0'), /Pinned headway-system\/web to version 1\.0\.0 of chart web/);
  await shows('1.0.0');
  await ok('rollback', 'web', '--resume');
  await shows('1.1.0');
  t.regex((await bench.headway('diff', '1.0.0', '9.9.9', '--application', 'web')).stderr, /no commit "9\.9\.9"/);
});
