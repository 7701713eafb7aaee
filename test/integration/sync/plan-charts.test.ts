import test from 'ava';
import { StatusError } from '#api/status-error.ts';
import { startChartServer } from '#test/support/chart-server.ts';
import { applicationYaml, configMapYaml, outline, planOf } from '#test/support/plan-bench.ts';
import { sharedTools } from '#test/support/render-bench.ts';

const repositoryYaml = (url: string, ref: string): string =>
  `apiVersion: headway.dev/v1\nkind: Repository\nmetadata: {name: charts, namespace: headway-system}\nspec: {url: "${url}", chart: web, ref: "${ref}"}\n`;
const webYaml = (extra = ''): string => applicationYaml('web', '', extra).replace('repository: root', 'repository: charts').replace('  path: \n', '');

async function chartsOf(t: Parameters<typeof startChartServer>[0]) {
  const { tools, dispose } = await sharedTools();
  t.teardown(dispose);
  const server = await startChartServer(t);
  server.publish('web', '1.0.0');
  server.publish('web', '1.1.0', { 'values.yaml': 'greeting: hi\n', 'templates/more.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n' });
  return { server, options: { charts: () => Promise.resolve({ type: 'https', ca: server.ca } as const), tools } };
}

test('another version of a published chart, and other values, change what they render', async (t) => {
  t.timeout(120_000);
  const { server, options } = await chartsOf(t);
  const base = { 'root/charts.yaml': repositoryYaml(server.url, '1.0.0'), 'root/web.yaml': webYaml() };
  const newer = await planOf(t, base, { 'root/charts.yaml': repositoryYaml(server.url, '1.x') }, options);
  t.deepEqual(outline(newer), { 'headway-system/root': ['update Repository headway-system/charts'], 'headway-system/web': ['update ConfigMap web/web', 'create ConfigMap web/more'] });
  const valued = await planOf(t, base, { 'root/web.yaml': webYaml('  render: {helm: {values: {greeting: good day}}}\n') }, options);
  t.deepEqual(outline(valued)['headway-system/web'], ['update ConfigMap web/web']);
  t.regex(valued.applications.find(({ name }) => name === 'headway-system/web')?.objects[0]?.diff ?? '', /^-\s+greeting: hello\n\+\s+greeting: good day$/m);
  const gone = await planOf(t, base, { 'root/web.yaml': null, 'root/charts.yaml': null }, options);
  t.deepEqual(outline(gone)['headway-system/web'], ['prune ConfigMap web/web']);
});

test('a chart whose Application stays as it is is not fetched', async (t) => {
  const { server, options } = await chartsOf(t);
  const base = { 'root/charts.yaml': repositoryYaml(server.url, '1.0.0'), 'root/web.yaml': webYaml(), 'root/other.yaml': configMapYaml('other', 'one') };
  const plan = await planOf(t, base, { 'root/other.yaml': configMapYaml('other', 'two') }, options);
  t.deepEqual(outline(plan), { 'headway-system/root': ['update ConfigMap default/other'] });
  t.deepEqual([server.requests, plan.unchanged, plan.notes], [[], 1, []]);
});

test('what cannot be fetched is named with the reason, and nothing of it is taken for gone', async (t) => {
  t.timeout(120_000);
  const { server, options } = await chartsOf(t);
  const base = { 'root/charts.yaml': repositoryYaml(server.url, '1.0.0'), 'root/web.yaml': webYaml() };
  const head = { 'root/charts.yaml': repositoryYaml(server.url, '7.x') };
  const wrong = await planOf(t, base, head, options);
  t.deepEqual(outline(wrong), { 'headway-system/root': ['update Repository headway-system/charts'] });
  t.deepEqual(wrong.notes, ['headway-system/web is not planned: chart web has no version in "7.x"; the newest versions are 1.1.0, 1.0.0']);
  server.protect();
  const [refused] = (await planOf(t, base, head, options)).notes;
  t.regex(refused ?? '', /headway-system\/web is not planned: .* answered 401/);
  const unreadable = { ...options, charts: () => Promise.reject(new StatusError('Forbidden', 'secrets "charts" is forbidden')) };
  t.regex((await planOf(t, base, head, unreadable)).notes.join(), /web is not planned: its credentials cannot be read: secrets "charts" is forbidden/);
  const [left] = (await planOf(t, base, head, { tools: options.tools })).notes;
  t.regex(left ?? '', /headway-system\/web is not planned: it follows chart web of .*; --charts fetches what is published/);
});
