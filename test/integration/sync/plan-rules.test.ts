import test from 'ava';
import { applicationYaml, configMapYaml, deploymentYaml, outline, planOf } from '#test/support/plan-bench.ts';
import { sharedTools } from '#test/support/render-bench.ts';

const set = (name: string, generators: object, more = ''): string =>
  `apiVersion: headway.dev/v1\nkind: ApplicationSet\nmetadata: {name: ${name}, namespace: headway-system}\nspec:\n  generators: ${JSON.stringify(generators)}\n${more}  template:\n    metadata: {name: "{{path.basename}}"}\n    spec: {repository: root, path: "{{path}}", destinationNamespace: "{{path.basename}}"}\n`;
const DIRECTORIES = [{ directories: { repository: 'root', paths: ['teams/*'] } }];
const project = (spec: object): string => `apiVersion: headway.dev/v1\nkind: Project\nmetadata: {name: team, namespace: headway-system}\nspec: ${JSON.stringify(spec)}\n`;
const hook = (name: string, words: string, image = 'migrate:1'): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: {${name}, annotations: {${words}}}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "${image}"}]}}}\n`;

test('the Applications of a set are planned as its generators make them from the commit', async (t) => {
  const base = { 'root/set.yaml': set('teams', DIRECTORIES), 'teams/red/config.yaml': configMapYaml('config', 'one'), 'teams/blue/config.yaml': configMapYaml('config', 'one') };
  const plan = await planOf(t, base, { 'teams/red/config.yaml': configMapYaml('config', 'two'), 'teams/green/config.yaml': configMapYaml('config', 'one'), 'teams/blue/config.yaml': null });
  t.deepEqual(outline(plan), {
    'headway-system/blue': ['prune ConfigMap blue/config'], 'headway-system/green': ['create ConfigMap green/config'], 'headway-system/red': ['update ConfigMap red/config'],
  });
  t.deepEqual(plan.applications.map(({ change }) => change), ['Deleted', 'Created', 'Changed']);
  t.deepEqual(plan.notes, []);
});

test('a matrix of files and a list is planned, too', async (t) => {
  const generators = [{ matrix: { generators: [{ files: { repository: 'root', paths: ['stages/*.yaml'] } }, { list: { elements: [{ app: 'web' }, { app: 'api' }] } }] } }];
  const matrix = set('matrix', generators).replaceAll('{{path.basename}}', '{{app}}-{{stage}}').replace('path: "{{path}}"', 'path: "apps/{{app}}"');
  const base = { 'root/set.yaml': matrix, 'stages/dev.yaml': 'stage: dev\n', 'apps/web/a.yaml': configMapYaml('a', 'x'), 'apps/api/a.yaml': configMapYaml('a', 'x') };
  const plan = await planOf(t, base, { 'stages/prod.yaml': 'stage: prod\n' });
  t.deepEqual(outline(plan), { 'headway-system/api-prod': ['create ConfigMap api-prod/a'], 'headway-system/web-prod': ['create ConfigMap web-prod/a'] });
});

test('Applications that a set makes no more are deleted with their objects, or stay when its deletion mode is Orphan', async (t) => {
  const generators = [{ directories: { repository: 'root', paths: ['apps/*'] } }];
  const planWith = (mode: string) => planOf(t, { 'root/set.yaml': set('dirs', generators, `  deletion: {mode: ${mode}}\n`), 'apps/web/a.yaml': configMapYaml('a', 'x'), 'apps/api/a.yaml': configMapYaml('a', 'x') }, { 'apps/api/a.yaml': null });
  const deleted = await planWith('Delete');
  t.deepEqual(outline(deleted), { 'headway-system/api': ['prune ConfigMap api/a'] });
  const left = await planWith('Orphan');
  t.deepEqual(left.applications, []);
  t.deepEqual(left.notes, ['Application headway-system/api stays, with all that it has applied: deletion.mode of ApplicationSet headway-system/dirs is Orphan']);
});

test('what generators ask of others than Git is said', async (t) => {
  const base = {
    'root/clusters.yaml': set('clusters', [{ clusters: {} }]), 'root/pulls.yaml': set('pulls', [{ pullRequests: { provider: 'GitHub', repository: 'team/app', interval: '5m' } }]),
    'root/other.yaml': 'apiVersion: headway.dev/v1\nkind: Repository\nmetadata: {name: other, namespace: headway-system}\nspec: {url: "https://git.example.org/team/other.git"}\n',
    'root/foreign.yaml': set('foreign', [{ directories: { repository: 'other', paths: ['*'] } }]),
  };
  const plan = await planOf(t, base, { 'root/a.yaml': configMapYaml('a', 'x') });
  t.deepEqual([...plan.notes].sort(), [
    'applications of ApplicationSet headway-system/clusters are not planned: only a cluster knows of clusters',
    'applications of ApplicationSet headway-system/foreign are not planned: Repository other is not read: it follows https://git.example.org/team/other.git, another repository',
    'applications of ApplicationSet headway-system/pulls are not planned: only the Git provider knows of pull requests',
  ]);
});

const MEMBER = { 'root/app.yaml': applicationYaml('shop', 'apps/shop', '  project: team\n'), 'apps/shop/web.yaml': deploymentYaml('web') };

test('what the project forbids is an error of the plan, with its place', async (t) => {
  const base = { ...MEMBER, 'root/project.yaml': project({ namespaces: ['shop'], kinds: ['Deployment.apps', 'ConfigMap'] }) };
  const plan = await planOf(t, base, { 'apps/shop/more.yaml': `${configMapYaml('good', 'x')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad, namespace: other}\n`, 'apps/shop/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n' });
  const [{ errors } = { errors: [] }] = plan.applications;
  t.deepEqual(errors.map(({ path, line, reason, message }) => `${path}:${line} ${reason} ${message}`), [
    'apps/shop/more.yaml:8 NotPermitted project headway-system/team does not permit namespace other',
    'apps/shop/service.yaml:1 NotPermitted project headway-system/team does not permit kind Service',
  ]);
});

test('a stricter project is held against what did not change', async (t) => {
  const plan = await planOf(t, { ...MEMBER, 'root/project.yaml': project({ namespaces: ['shop'] }) }, { 'root/project.yaml': project({ namespaces: ['other'] }) });
  t.deepEqual(plan.applications.find(({ name }) => name === 'headway-system/shop')?.errors.map(({ path, message }) => `${path} ${message}`), ['apps/shop/web.yaml project headway-system/team does not permit namespace shop']);
});

test('a project that the repository does not hold is said to be unknown', async (t) => {
  const plan = await planOf(t, MEMBER, { 'apps/shop/a.yaml': configMapYaml('a', 'x') });
  t.deepEqual(plan.notes, ['Project headway-system/team is not in the repository; what it forbids is not known']);
});

const HOOKS = {
  'root/app.yaml': applicationYaml('shop', 'apps/shop'), 'apps/shop/web.yaml': configMapYaml('web', 'one'),
  'apps/shop/migrate.yaml': hook('name: migrate', 'headway.dev/hook: PreSync'), 'apps/shop/report.yaml': hook('generateName: report-', 'argocd.argoproj.io/hook: "PostSync,SyncFail"'),
};

test('hooks run with any change, and are neither created nor pruned', async (t) => {
  const changed = await planOf(t, HOOKS, { 'apps/shop/web.yaml': configMapYaml('web', 'two') });
  t.deepEqual(outline(changed), { 'headway-system/shop': ['update ConfigMap shop/web', 'run Job shop/migrate', 'run Job shop/report-*'] });
  const [{ objects, restarts } = { objects: [], restarts: [] }] = changed.applications;
  t.deepEqual(objects.map(({ phases }) => phases), [undefined, ['PreSync'], ['PostSync', 'SyncFail']]);
  t.deepEqual(restarts, []);
  const gone = await planOf(t, HOOKS, { 'apps/shop/migrate.yaml': null });
  t.deepEqual(outline(gone), { 'headway-system/shop': ['run Job shop/report-*'] });
  const none = await planOf(t, HOOKS, { 'docs/a.txt': 'x' });
  t.deepEqual(none.applications, []);
});

test('a hook that is wrong is an error', async (t) => {
  const plan = await planOf(t, HOOKS, { 'apps/shop/migrate.yaml': hook('name: migrate', 'headway.dev/hook: BeforeSync') });
  t.deepEqual(plan.applications[0]?.errors.map(({ path, reason }) => `${path} ${reason}`), ['apps/shop/migrate.yaml InvalidHook']);
});

test('hooks of a chart run, its tests do not', async (t) => {
  const chart = {
    'root/app.yaml': applicationYaml('shop', 'chart'), 'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n', 'chart/templates/config.yaml': configMapYaml('config', 'one'),
    'chart/templates/migrate.yaml': hook('name: migrate', 'helm.sh/hook: "pre-install,pre-upgrade"'), 'chart/templates/test.yaml': hook('name: check', 'helm.sh/hook: test'),
  };
  t.timeout(120_000);
  const { tools, dispose } = await sharedTools();
  t.teardown(dispose);
  const plan = await planOf(t, chart, { 'chart/templates/config.yaml': configMapYaml('config', 'two') }, { tools });
  t.deepEqual(outline(plan), { 'headway-system/shop': ['update ConfigMap shop/config', 'run Job shop/migrate'] });
});
