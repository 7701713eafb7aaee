import { symlinkSync, unlinkSync } from 'node:fs';
import test from 'ava';
import { sharedTools, startRenderBench } from '#test/support/render-bench.ts';

const { tools, dispose } = await sharedTools();
test.after.always(dispose);

const CHART = 'apiVersion: v2\nname: bad\nversion: 1.0.0\n';
const PROD = { helm: { valueFiles: ['../values/prod.yaml'] } };

test.serial('a chart gives its objects, definitions and those of its local dependency, each with its template', async (t) => {
  const bench = await startRenderBench(t, tools);
  const { result } = await bench.render('Helm', 'chart');
  t.deepEqual(result.errors, []);
  t.deepEqual(result.objects.map(({ object, path, line }) => `${object.kind} ${object.metadata.name} ${path}:${line}`).sort(), [
    'ConfigMap shop-settings chart/templates/settings.yaml:1', 'CustomResourceDefinition gadgets.example.org chart/crds/gadget.yaml:1',
    'Deployment shop-web chart/templates/deployment.yaml:1', 'ServiceAccount shop-lib lib/templates/account.yaml:1',
  ]);
  t.is(result.objects.find(({ object }) => object.kind === 'CustomResourceDefinition')?.lineOf('spec.scope'), 8);
  t.deepEqual(await bench.leftovers(), []);
});

test.serial('values files win in their order, inline values over all; release, namespace and cluster are the given ones', async (t) => {
  const bench = await startRenderBench(t, tools);
  const dataOf = async (values?: Record<string, unknown>): Promise<unknown> => {
    const { result } = await bench.render('Helm', 'chart', { spec: { helm: { ...PROD.helm, releaseName: 'store', ...(values ? { values } : {}) } } });
    t.deepEqual(result.errors, []);
    return result.objects.filter(({ object }) => object.kind === 'ConfigMap').map(({ object }) => (object as unknown as { data: unknown }).data)[0];
  };
  t.deepEqual(await dataOf(), { color: 'green', namespace: 'shop', cluster: 'v1.36.0', hasDeployments: 'true' });
  t.like(await dataOf({ color: 'red' }), { color: 'red' });
});

test.serial('the chart, its local dependency and the values files are inputs, and nothing else', async (t) => {
  const bench = await startRenderBench(t, tools);
  const { inputs } = await bench.render('Helm', 'chart', { spec: PROD });
  t.deepEqual([...inputs.files].map(([to, { path }]) => (to === path ? path : `${to} <- ${path}`)).sort(), [
    'chart/Chart.yaml', 'chart/charts/lib/Chart.yaml <- lib/Chart.yaml', 'chart/charts/lib/templates/account.yaml <- lib/templates/account.yaml', 'chart/crds/gadget.yaml',
    'chart/templates/deployment.yaml', 'chart/templates/settings.yaml', 'chart/templates/tests/ping.yaml', 'chart/values.yaml', 'values/prod.yaml',
  ]);
});

test.serial('hooks are kept apart with when they run', async (t) => {
  const bench = await startRenderBench(t, tools);
  t.deepEqual((await bench.render('Helm', 'chart')).result.hooks?.map(({ object, hooks }) => [object.kind, ...hooks]), [['Pod', 'test']]);
  const { result } = await bench.render('Helm', 'hooked');
  t.deepEqual(result.hooks?.map(({ path, line, hooks }) => [`${path}:${line}`, ...hooks]), [['hooked/templates/migrate.yaml:1', 'pre-install', 'pre-upgrade']]);
  t.deepEqual(result.objects.map(({ object }) => object.kind), ['ConfigMap']);
});

const broken: readonly { readonly name: string; readonly chart?: string; readonly files?: Readonly<Record<string, string>>; readonly values?: readonly string[]; readonly path: string; readonly line?: number; readonly reason: string; readonly message: RegExp }[] = [
  { name: 'a value that is not there', chart: 'broken', path: 'broken/templates/config.yaml', line: 6, reason: 'TemplateFailed', message: /nil pointer|server\.host/ },
  { name: 'a template that does not parse', files: { 'bad/Chart.yaml': CHART, 'bad/templates/a.yaml': 'kind: A\n{{ if }}\n' }, path: 'bad/templates/a.yaml', line: 2, reason: 'InvalidTemplate', message: /missing value for if/ },
  { name: 'a template that gives no YAML', files: { 'bad/Chart.yaml': CHART, 'bad/templates/a.yaml': 'kind: A\n  b: c\n' }, path: 'bad/templates/a.yaml', reason: 'InvalidYAML', message: /mapping values/ },
  { name: 'a template that says no', files: { 'bad/Chart.yaml': CHART, 'bad/templates/a.yaml': '# why\n{{ fail "no way" }}\n' }, path: 'bad/templates/a.yaml', line: 2, reason: 'TemplateFailed', message: /no way/ },
  { name: 'an object without a kind', files: { 'bad/Chart.yaml': CHART, 'bad/templates/a.yaml': 'apiVersion: v1\nmetadata: {name: a}\n' }, path: 'bad/templates/a.yaml', reason: 'InvalidObject', message: /kind: Required/ },
  { name: 'values that are no YAML', files: { 'bad/Chart.yaml': CHART, 'values/bad.yaml': 'a: b\nc: [\n' }, values: ['../values/bad.yaml'], path: 'values/bad.yaml', reason: 'InvalidYAML', message: /line/ },
  { name: 'values that break the schema', files: { 'bad/Chart.yaml': CHART, 'bad/values.schema.json': '{"required":["host"]}' }, path: 'bad/Chart.yaml', reason: 'InvalidValues', message: /host/ },
  { name: 'a values file that is not there', files: { 'bad/Chart.yaml': CHART }, values: ['prod.yaml'], path: 'bad', reason: 'InputNotFound', message: /bad\/prod\.yaml/ },
  { name: 'values from the network', files: { 'bad/Chart.yaml': CHART }, values: ['https://example.invalid/v.yaml'], path: 'bad', reason: 'RemoteInput', message: /nothing is fetched/ },
  { name: 'a dependency that is not vendored', files: { 'bad/Chart.yaml': `${CHART}dependencies:\n- name: redis\n  version: 1.0.0\n  repository: https://example.invalid\n` }, path: 'bad/Chart.yaml', line: 5, reason: 'RemoteDependency', message: /helm dependency build/ },
  { name: 'values out of the repository', files: { 'bad/Chart.yaml': CHART }, values: ['../../etc/passwd'], path: 'bad', reason: 'OutsideRepository', message: /outside of the repository/ },
];
for (const { name, chart = 'bad', files = {}, values = [], path, line, reason, message } of broken) {
  test.serial(`refused with its place: ${name}`, async (t) => {
    const bench = await startRenderBench(t, tools, { extra: files });
    const { result } = await bench.render('Helm', chart, { spec: { helm: { valueFiles: values } } });
    t.like(result.errors[0], { path, reason, ...(line === undefined ? {} : { line }) }, JSON.stringify(result.errors));
    t.regex(result.errors[0]?.message ?? '', message);
    t.notRegex(JSON.stringify(result.errors), /headway-render-/, 'no path of the machine');
  });
}

test.serial('a template sees no file but those of its chart', async (t) => {
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  up: {{ .Files.Get "../../../../../../../../etc/passwd" | quote }}\n  absolute: {{ .Files.Get "/etc/passwd" | quote }}\n  env: {{ printf "%v" (.Files.Glob "../**") | quote }}\n';
  const bench = await startRenderBench(t, tools, { extra: { 'bad/Chart.yaml': CHART, 'bad/templates/a.yaml': template } });
  const { result } = await bench.render('Helm', 'bad');
  t.deepEqual(result.errors, []);
  t.like(result.objects[0]?.object, { data: { up: '', absolute: '', env: 'map[]' } });
});

test.serial('a link out of the repository is refused, one inside is followed', async (t) => {
  const bench = await startRenderBench(t, tools, { extra: { 'bad/Chart.yaml': CHART, 'bad/templates/a.yaml': '{{ .Files.Get "secret" }}' } });
  const link = `${bench.files.path}/bad/secret`;
  for (const target of ['/etc/passwd', '../../../../etc/passwd']) {
    symlinkSync(target, link);
    bench.files.commit({});
    const { result } = await bench.render('Helm', 'bad');
    t.like(result.errors[0], { path: 'bad/secret' }, JSON.stringify(result.errors));
    t.regex(result.errors[0]?.reason ?? '', /UnsupportedLink|OutsideRepository/);
    unlinkSync(link);
  }
  symlinkSync('../values/config.yaml', link);
  bench.files.commit({ 'values/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: linked}\n' });
  t.deepEqual((await bench.render('Helm', 'bad')).result.objects.map(({ object }) => object.metadata.name), ['linked']);
});
