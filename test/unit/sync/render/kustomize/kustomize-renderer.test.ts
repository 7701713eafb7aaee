import test from 'ava';
import { sharedTools, startRenderBench } from '#test/support/render-bench.ts';

const { tools, dispose } = await sharedTools();
test.after.always(dispose);

test.serial('an overlay with a component and a patch gives its objects, each with the file and line that it comes from', async (t) => {
  const bench = await startRenderBench(t, tools);
  const { result } = await bench.render('Kustomize', 'overlays/prod');
  t.deepEqual(result.errors, []);
  const found = result.objects.map(({ object, path, line }) => `${object.kind} ${object.metadata.name?.replace(/-[a-z0-9]{10}$/, '-HASH')} ${path}:${line}`).sort();
  t.deepEqual(found, ['ConfigMap prod-settings-HASH base/kustomization.yaml:1', 'Deployment prod-web base/deployment.yaml:2', 'Service prod-web components/debug/service.yaml:1']);
  const deployment = result.objects.find(({ object }) => object.kind === 'Deployment');
  t.like(deployment?.object, { spec: { replicas: 3 } });
  t.is(deployment?.lineOf('spec.template.spec.containers[0].image'), 16);
  t.true(result.objects.every(({ object }) => object.metadata.annotations === undefined), 'the origin annotations are gone');
  t.deepEqual(await bench.leftovers(), []);
});

test.serial('exactly the files that kustomize reads are inputs', async (t) => {
  const bench = await startRenderBench(t, tools);
  const { inputs } = await bench.render('Kustomize', 'overlays/prod');
  t.deepEqual([...inputs.files.keys()].sort(), ['base/app.properties', 'base/deployment.yaml', 'base/kustomization.yaml', 'components/debug/kustomization.yaml', 'components/debug/service.yaml', 'overlays/prod/kustomization.yaml', 'overlays/prod/replicas.yaml']);
});

test.serial('prefix, suffix and images of the spec come on top', async (t) => {
  const bench = await startRenderBench(t, tools);
  const { result } = await bench.render('Kustomize', 'overlays/prod', { spec: { kustomize: { namePrefix: 'a-', nameSuffix: '-z', images: [{ name: 'web', newTag: '2' }] } } });
  t.deepEqual(result.errors, []);
  const deployment = result.objects.find(({ object }) => object.kind === 'Deployment')?.object;
  t.is(deployment?.metadata.name, 'a-prod-web-z');
  t.regex(JSON.stringify(deployment), /"image":"web:2"/);
});

test.serial('a kustomization at the root of the repository, and one named Kustomization', async (t) => {
  const bench = await startRenderBench(t, tools, { extra: { Kustomization: 'resources: [base/deployment.yaml]\n' } });
  const { result } = await bench.render('Kustomize', '');
  t.deepEqual(result.errors, []);
  t.deepEqual(result.objects.map(({ path, line }) => `${path}:${line}`), ['base/deployment.yaml:2']);
});

const KUSTOMIZATION = 'overlays/bad/kustomization.yaml';
const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n';
const broken: readonly { readonly name: string; readonly files: Readonly<Record<string, string>>; readonly path?: string; readonly line?: number; readonly reason: string; readonly message: RegExp }[] = [
  { name: 'a resource that is not there', files: { [KUSTOMIZATION]: 'resources:\n- ../../base\n- missing.yaml\n' }, line: 3, reason: 'InputNotFound', message: /overlays\/bad\/missing\.yaml/ },
  { name: 'a remote base', files: { [KUSTOMIZATION]: 'resources:\n- https://example.invalid/base.yaml\n' }, line: 2, reason: 'RemoteInput', message: /nothing is fetched/ },
  { name: 'a base on GitHub', files: { [KUSTOMIZATION]: 'resources:\n- github.com/example/base?ref=v1\n' }, line: 2, reason: 'RemoteInput', message: /vendor it/ },
  { name: 'a chart', files: { [KUSTOMIZATION]: 'resources: [../../base]\nhelmCharts:\n- name: x\n  repo: https://example.invalid\n' }, line: 2, reason: 'UnsupportedChart', message: /helmCharts/ },
  { name: 'a path out of the repository', files: { [KUSTOMIZATION]: 'resources:\n- ../../../etc\n' }, line: 2, reason: 'OutsideRepository', message: /outside of the repository/ },
  { name: 'an absolute path in a generator', files: { [KUSTOMIZATION]: 'configMapGenerator:\n- name: a\n  files:\n  - /etc/passwd\n' }, line: 4, reason: 'OutsideRepository', message: /\/etc\/passwd/ },
  { name: 'an unknown field', files: { [KUSTOMIZATION]: 'resources: [../../base]\nfoo: bar\n' }, line: 2, reason: 'KustomizeFailed', message: /unknown field "foo"/ },
  { name: 'a kustomization that is no YAML', files: { [KUSTOMIZATION]: 'resources:\n- ../../base\nfoo: [\n' }, line: 3, reason: 'InvalidYAML', message: /yaml: line/ },
  { name: 'a resource that is no YAML', files: { [KUSTOMIZATION]: 'resources: [x.yaml]\n', 'overlays/bad/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x\n' }, path: 'overlays/bad/x.yaml', line: 2, reason: 'InvalidYAML', message: /yaml: line/ },
  { name: 'a patch that meets nothing', files: { [KUSTOMIZATION]: 'resources: [../../base]\npatches:\n- path: p.yaml\n', 'overlays/bad/p.yaml': DEPLOYMENT.replace('web', 'nope') }, line: 2, reason: 'KustomizeFailed', message: /no matches for Id Deployment/ },
  { name: 'an object that two files declare', files: { [KUSTOMIZATION]: 'resources: [../../base, a.yaml]\n', 'overlays/bad/a.yaml': `---\n${DEPLOYMENT}` }, path: 'overlays/bad/a.yaml', line: 2, reason: 'DuplicateObject', message: /declared at base\/deployment\.yaml:2 too/ },
];
for (const { name, files, path = KUSTOMIZATION, line, reason, message } of broken) {
  test.serial(`refused with its place: ${name}`, async (t) => {
    const bench = await startRenderBench(t, tools, { extra: files });
    const { result } = await bench.render('Kustomize', 'overlays/bad');
    t.like(result.errors[0], { path, line, reason }, JSON.stringify(result.errors));
    t.regex(result.errors[0]?.message ?? '', message);
    t.notRegex(JSON.stringify(result.errors), /headway-render-/, 'no path of the machine');
    t.deepEqual(result.objects, []);
  });
}
