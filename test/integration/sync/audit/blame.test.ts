import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { APPLICATIONS, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS } from '#api/resources.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { startAuditBench, type AuditBench } from '#test/support/audit-bench.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const deployment = (image: string, extra = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: ${image}\n${extra}`;
const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;

interface Line {
  readonly text: string;
  readonly field: string;
  readonly origin: { readonly type: string; readonly place?: { readonly path: string; readonly line: number }; readonly commit?: { readonly commit: string; readonly author: string } | string; readonly note?: string; readonly field?: string; readonly user?: string; readonly manager?: { readonly name: string; readonly operation: string; readonly subresource?: string }; readonly why?: string };
}

const renderDir = temporaryDirectory('headway-render');
test.before(async (t) => {
  t.timeout(120_000);
  await new RenderTools({ unpackTo: join(renderDir, 'tools') }).find('helm');
});
test.after.always(() => rmSync(renderDir, { recursive: true, force: true }));

const start = (t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<AuditBench> => startAuditBench(t, files, { renderDir });

async function blamed(t: ExecutionContext, bench: AuditBench, object: string, ...flags: readonly string[]): Promise<ReadonlyMap<string, Line['origin']>> {
  const { stdout, stderr, code } = await bench.headway('blame', object, '-o', 'json', ...flags);
  t.is(code, 0, stderr);
  return new Map((JSON.parse(stdout) as { readonly lines: readonly Line[] }).lines.map(({ field, origin }) => [field, origin]));
}

const placeOf = (origin: Line['origin'] | undefined): string => (origin?.place ? `${origin.place.path}:${origin.place.line}` : `${origin?.type}`);
const commitOf = (origin: Line['origin'] | undefined): string | undefined => (typeof origin?.commit === 'object' ? origin.commit.commit : undefined);

test.serial('each line of a plain manifest has the commit that last changed that very line', async (t) => {
  const bench = await start(t, { 'apps/web.yaml': `${config('web', '1')}---\n${deployment('web:1')}` });
  await bench.synced();
  const first = bench.repository.git('rev-parse', 'HEAD');
  const second = bench.repository.commit({ 'apps/web.yaml': `${config('web', '1')}---\n${deployment('web:2')}` }, 'Newer image', 'Bob <bob@example.org>');
  const third = bench.repository.commit({ 'apps/web.yaml': `${config('web', '2')}---\n${deployment('web:2')}` }, 'Another document of the file');
  await bench.synced(third);
  const lines = await blamed(t, bench, 'deploy/web');
  const image = lines.get('spec.template.spec.containers[web].image');
  t.is(placeOf(image), 'apps/web.yaml:22');
  t.is(commitOf(image), second);
  t.is(typeof image?.commit === 'object' && image.commit.author, 'Bob <bob@example.org>');
  t.is(commitOf(lines.get('spec.replicas')), first);
  t.is(placeOf(lines.get('metadata.name')), 'apps/web.yaml:11');
  t.like(lines.get('metadata.namespace'), { type: 'application', field: 'spec.destinationNamespace' });
  t.is(lines.get('metadata.uid')?.type, 'server');
  t.is(lines.get('spec.strategy.type')?.type, 'default');
  t.is(commitOf((await blamed(t, bench, 'cm/web')).get('data.value')), third);
});

test.serial('fields of others name manager, operation and the user of the audit log; the status its controller', async (t) => {
  const bench = await start(t, { 'apps/web.yaml': deployment('web:1') });
  await bench.synced();
  const web = { namespace: 'default', name: 'web' };
  await bench.client.patch(DEPLOYMENTS, web, { type: 'merge', body: { spec: { minReadySeconds: 5 } } }, { fieldManager: 'kubectl-edit' });
  await bench.client.patch(DEPLOYMENTS, web, { type: 'merge', body: { status: { replicas: 1 } } }, { subresource: 'status', fieldManager: 'deployment-controller' });
  const lines = await blamed(t, bench, 'deployments.apps/web', '--audit-log', bench.auditLog);
  t.like(lines.get('spec.minReadySeconds'), { type: 'manager', user: 'ada', manager: { name: 'kubectl-edit', operation: 'Update' } });
  t.like(lines.get('status.replicas'), { type: 'manager', manager: { name: 'deployment-controller', operation: 'Update', subresource: 'status' } });
  t.is((await blamed(t, bench, 'deploy/web')).get('spec.minReadySeconds')?.user, undefined, 'no audit log, no user');
});

test.serial('through Kustomize: base, patch, image, generator and label, each where it is written', async (t) => {
  const bench = await start(t, {
    'base/deployment.yaml': deployment('web:1'), 'base/app.properties': 'color=blue\n', 'base/kustomization.yaml': 'resources:\n- deployment.yaml\nconfigMapGenerator:\n- name: settings\n  files: [app.properties]\n  literals:\n  - mode=fast\ngeneratorOptions: {disableNameSuffixHash: true}\n',
    'apps/replicas.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n',
    'apps/kustomization.yaml': 'resources:\n- ../base\nnamePrefix: prod-\nlabels:\n- pairs:\n    team: shop\npatches:\n- path: replicas.yaml\n- target: {kind: Deployment}\n  patch: |-\n    - op: add\n      path: /spec/minReadySeconds\n      value: 7\nimages:\n- name: web\n  newTag: "1"\n',
  });
  await bench.synced();
  const commit = bench.repository.commit({ 'apps/kustomization.yaml': bench.repository.git('show', 'HEAD:apps/kustomization.yaml').replace('newTag: "1"', 'newTag: "2"') }, 'Newer image');
  await bench.synced(commit);
  const lines = await blamed(t, bench, 'deploy/prod-web');
  t.is(placeOf(lines.get('spec.replicas')), 'apps/replicas.yaml:6');
  t.is(placeOf(lines.get('spec.minReadySeconds')), 'apps/kustomization.yaml:13');
  t.is(placeOf(lines.get('spec.template.spec.containers[web].image')), 'apps/kustomization.yaml:16');
  t.is(commitOf(lines.get('spec.template.spec.containers[web].image')), commit);
  t.is(placeOf(lines.get('spec.template.spec.containers[web].name')), 'base/deployment.yaml:14');
  t.is(placeOf(lines.get('metadata.name')), 'apps/kustomization.yaml:3');
  t.is(placeOf(lines.get('metadata.labels.team')), 'apps/kustomization.yaml:6');
  t.like(lines.get('metadata.namespace'), { type: 'application', field: 'spec.destinationNamespace' });
  const generated = await blamed(t, bench, 'cm/prod-settings');
  t.is(placeOf(generated.get('data[app.properties]')), 'base/app.properties:1');
  t.is(placeOf(generated.get('data.mode')), 'base/kustomization.yaml:7');
});

test.serial('through Helm: literal lines of the template, values of files, and inline values of the Application', async (t) => {
  const bench = await start(t, {
    'apps/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'apps/values.yaml': 'replicas: 1\nimage:\n  name: web\n  tag: "1"\nresources:\n  limits:\n    cpu: 100m\nmode: slow\n',
    'apps/templates/_helpers.tpl': '{{- define "shop.labels" -}}\nteam: shop\n{{- end }}\n',
    'apps/templates/deployment.yaml': '{{- $name := .Release.Name }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ $name }}\n  labels:\n    {{- include "shop.labels" . | nindent 4 }}\nspec:\n  replicas: {{ .Values.replicas }}\n  minReadySeconds: 4\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: "{{ .Values.image.name }}:{{ .Values.image.tag }}"\n        resources:\n          {{- toYaml .Values.resources | nindent 10 }}\n        env:\n        - name: MODE\n          value: {{ .Values.mode }}\n        - name: HOST\n          value: {{ printf "%s.local" .Release.Name }}\n',
    'values/prod.yaml': '# production\nreplicas: 5\n',
  });
  await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { render: { helm: { valueFiles: ['../values/prod.yaml'], values: { mode: 'fast' } } } } } });
  await bench.synced();
  const lines = await blamed(t, bench, 'deploy/root');
  t.is(placeOf(lines.get('spec.replicas')), 'values/prod.yaml:2');
  t.is(lines.get('spec.replicas')?.note, 'through apps/templates/deployment.yaml:9');
  t.like(lines.get('metadata.annotations'), { type: 'application', field: 'status.syncedRevision' }, 'not the template, which has none');
  t.is(placeOf(lines.get('spec.minReadySeconds')), 'apps/templates/deployment.yaml:10');
  t.is(placeOf(lines.get('spec.template.spec.containers[web].resources.limits.cpu')), 'apps/values.yaml:7');
  t.is(placeOf(lines.get('metadata.labels.team')), 'apps/templates/_helpers.tpl:2');
  t.like(lines.get('spec.template.spec.containers[web].env[MODE].value'), { type: 'application', field: 'spec.render.helm.values.mode' });
  t.is(placeOf(lines.get('spec.template.spec.containers[web].env[HOST].value')), 'apps/templates/deployment.yaml:26');
  t.is(lines.get('spec.template.spec.containers[web].env[HOST].value')?.note, 'computed by the template');
});

test.serial('the YAML of the object stands behind the columns, and is the object', async (t) => {
  const bench = await start(t, { 'apps/one.yaml': config('one', '1'), 'apps/keys.yaml': 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\ndata:\n  password: aHVudGVyMg==\n' });
  const { status } = await bench.synced();
  t.regex((await bench.headway('blame', 'secret/keys')).stdout, /apps\/keys\.yaml:6 .*\| {3}password: <redacted>$/m);
  const { stdout } = await bench.headway('blame', 'configmaps/one');
  t.regex(stdout, new RegExp(`^${status?.syncedRevision?.slice(0, 8)}  Ada .*apps/one\\.yaml:6 .*\\|   value: "1"$`, 'm'));
  t.regex(stdout, /^-{8} {2}API server .*\| {3}uid: /m);
});

test.serial('objects that no Application applies are shown with their managers; unknown ones and kinds are refused', async (t) => {
  const bench = await start(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await bench.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'free' }, data: { a: 'b' } } as never, { fieldManager: 'kubectl-create' });
  t.like((await blamed(t, bench, 'cm/free')).get('data.a'), { type: 'manager', manager: { name: 'kubectl-create' } });
  const missing = await bench.headway('blame', 'cm/nothing');
  t.is(missing.code, 1);
  t.regex(missing.stderr, /cm\/nothing is not in the cluster \(namespace default\)/);
  t.regex((await bench.headway('blame', 'gadget/x')).stderr, /doesn't have a resource type "gadget"/);
  t.regex((await bench.headway('blame', 'web')).stderr, /write KIND\/NAME/);
});

test.serial('custom kinds are found by discovery', async (t) => {
  const bench = await start(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } as const;
  await bench.client.create(CUSTOM_RESOURCE_DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'gadgets.example.org' },
    spec: { group: 'example.org', scope: 'Namespaced', names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', shortNames: ['gd'] }, versions: [{ name: 'v1', served: true, storage: true, schema }] },
  } as never);
  const gadgets = { ...CONFIG_MAPS, group: 'example.org', kind: 'Gadget', plural: 'gadgets' };
  const { waitFor } = await import('#test/support/wait.ts');
  await waitFor(() => bench.client.create(gadgets, { apiVersion: 'example.org/v1', kind: 'Gadget', metadata: { namespace: 'default', name: 'g' }, size: 3 } as never, { fieldManager: 'gadgeteer' }).then(() => true, () => false), { what: 'the kind served' });
  t.like((await blamed(t, bench, 'gd/g')).get('size'), { type: 'manager', manager: { name: 'gadgeteer' } });
});
