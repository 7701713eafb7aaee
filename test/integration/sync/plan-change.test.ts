import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { applicationYaml, configMapYaml, deploymentYaml, outline, planOf } from '#test/support/plan-bench.ts';
import { GITOPS, sharedTools } from '#test/support/render-bench.ts';

const APPS = { 'root/shop.yaml': applicationYaml('shop', 'apps/shop'), 'root/blog.yaml': applicationYaml('blog', 'apps/blog') };
const SHOP = { 'apps/shop/web.yaml': deploymentYaml('web'), 'apps/shop/config.yaml': configMapYaml('config', 'one') };
const BLOG = { 'apps/blog/web.yaml': deploymentYaml('web') };
const BASE = { ...APPS, ...SHOP, ...BLOG };

test('only the application whose file changed is told, with patch, diff and restart', async (t) => {
  const plan = await planOf(t, BASE, { 'apps/shop/web.yaml': deploymentYaml('web', { image: 'example.org/web:2' }) });
  t.deepEqual(outline(plan), { 'headway-system/shop': ['update Deployment shop/web'] });
  t.is(plan.unchanged, 2);
  const [{ objects: [object], restarts } = { objects: [], restarts: [] }] = plan.applications;
  t.deepEqual(object?.patch, [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'example.org/web:2' }]);
  t.regex(object?.diff ?? '', /^-\s+- image: example.org\/web:1\n\+\s+- image: example.org\/web:2$/m);
  t.is(`${object?.path}:${object?.line}`, 'apps/shop/web.yaml:1');
  t.deepEqual(restarts, [{ object: 'Deployment shop/web', how: 'replaced', pods: 3, reasons: ['containers.web.image: example.org/web:1 → example.org/web:2'] }]);
});

test('a default that is spelled out, and keys in another order, change nothing', async (t) => {
  const plan = await planOf(t, BASE, { 'apps/shop/web.yaml': deploymentYaml('web', { extra: '  revisionHistoryLimit: 10\n', container: '          imagePullPolicy: IfNotPresent\n          terminationMessagePath: /dev/termination-log\n' }) });
  t.deepEqual(plan.applications, []);
  t.is(plan.unchanged, 3);
});

test('what Git names no longer is pruned, unless it is protected or only moved to another file', async (t) => {
  const kept = configMapYaml('kept', 'x').replace('name: kept', 'name: kept\n  annotations: {argocd.argoproj.io/sync-options: Prune=false}');
  const plan = await planOf(t, { ...BASE, 'apps/shop/kept.yaml': kept, 'apps/shop/gone.yaml': configMapYaml('gone', 'x') },
    { 'apps/shop/kept.yaml': null, 'apps/shop/gone.yaml': null, 'apps/shop/config.yaml': null, 'apps/shop/moved.yaml': SHOP['apps/shop/config.yaml'] });
  t.deepEqual(outline(plan), { 'headway-system/shop': ['prune ConfigMap shop/gone', 'keep ConfigMap shop/kept'] });
});

test('applications come and go with all that they declare', async (t) => {
  const plan = await planOf(t, BASE, { 'root/blog.yaml': null, 'root/news.yaml': applicationYaml('news', 'apps/blog') });
  t.deepEqual(outline(plan), {
    'headway-system/blog': ['prune Deployment blog/web'], 'headway-system/news': ['create Deployment news/web'],
    'headway-system/root': ['create Application headway-system/news', 'prune Application headway-system/blog'],
  });
  t.deepEqual(plan.applications.map(({ name, change }) => `${name} ${change}`), ['headway-system/blog Deleted', 'headway-system/news Created', 'headway-system/root Changed']);
});

test('an Application that is protected, or deleted without its objects, leaves them; one that is deleted with them runs the hooks for it', async (t) => {
  const hook = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: backup, annotations: {argocd.argoproj.io/hook: PreDelete}}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}\n';
  const base = (more: string) => ({ ...BASE, 'root/blog.yaml': applicationYaml('blog', 'apps/blog', more), 'apps/blog/hook.yaml': hook });
  const gone = { 'root/blog.yaml': null };
  t.deepEqual(outline(await planOf(t, base(''), gone))['headway-system/blog'], ['prune Deployment blog/web', 'run Job blog/backup']);
  t.deepEqual(outline(await planOf(t, base('  syncPolicy: {prune: false}\n'), gone))['headway-system/blog'], ['keep Deployment blog/web']);
  const kept = applicationYaml('blog', 'apps/blog').replace('  name: blog', '  name: blog\n  annotations: {headway.dev/prune: disabled}');
  const plan = await planOf(t, { ...BASE, 'root/blog.yaml': kept }, gone);
  t.deepEqual(outline(plan), { 'headway-system/root': ['keep Application headway-system/blog'] });
  t.true(plan.notes.some((note) => note.includes('headway-system/blog stays')));
});

test('applications of applications are followed, also in a circle', async (t) => {
  const base = { 'root/a.yaml': applicationYaml('a', 'apps/a'), 'apps/a/b.yaml': applicationYaml('b', 'apps/b'), 'apps/b/a.yaml': configMapYaml('leaf', 'one'), 'apps/b/again.yaml': applicationYaml('a', 'apps/a') };
  const plan = await planOf(t, base, { 'apps/b/a.yaml': configMapYaml('leaf', 'two') });
  t.deepEqual(outline(plan), { 'headway-system/b': ['update ConfigMap b/leaf'] });
});

test('another destination moves every object', async (t) => {
  const plan = await planOf(t, BASE, { 'root/blog.yaml': applicationYaml('blog', 'apps/blog').replace('destinationNamespace: blog', 'destinationNamespace: news') });
  t.deepEqual(outline(plan)['headway-system/blog'], ['create Deployment news/web', 'prune Deployment blog/web']);
});

test('what the API would refuse is told with file and line', async (t) => {
  const plan = await planOf(t, BASE, {
    'apps/shop/web.yaml': deploymentYaml('web').replace('replicas: 3', 'replicas: -1'),
    'apps/shop/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndatum: {}\n',
    'apps/shop/broken.yaml': 'a: [1\n', 'apps/blog/web.yaml': deploymentYaml('web').replace('matchLabels: {app: web}', 'matchLabels: {app: other}').replace('labels: {app: web}', 'labels: {app: other}'),
    'apps/blog/kind.yaml': 'apiVersion: apps/v1\nkind: Deploiment\nmetadata: {name: x}\n',
  });
  const errors = plan.applications.flatMap((application) => application.errors.map(({ path, line, reason, message }) => `${path}:${line} ${reason} ${message}`)).sort();
  t.is(errors.length, 5);
  t.regex(errors[0] ?? '', /^apps\/blog\/kind.yaml:2 UnknownKind no matches for kind "Deploiment"/);
  t.regex(errors[1] ?? '', /^apps\/blog\/web.yaml:7 InvalidObject spec.selector: .*field is immutable/);
  t.regex(errors[2] ?? '', /^apps\/shop\/broken.yaml:\d+ InvalidYAML/);
  t.is(errors[3], 'apps/shop/config.yaml:4 InvalidObject unknown field "datum"');
  t.regex(errors[4] ?? '', /^apps\/shop\/web.yaml:6 InvalidObject spec.replicas: Invalid value/);
});

test('an object that has not the form of its kind is compared as it is written, and restarts nothing', async (t) => {
  const plan = await planOf(t, BASE, { 'apps/shop/web.yaml': deploymentYaml('web').replace('replicas: 3', 'replicas: three') });
  t.deepEqual(outline(plan), { 'headway-system/shop': ['update Deployment shop/web'] });
  const [application] = plan.applications;
  t.deepEqual(application?.objects[0]?.patch, [{ op: 'replace', path: '/spec/replicas', value: 'three' }]);
  t.deepEqual(application?.restarts, []);
  t.regex(application?.errors[0]?.message ?? '', /cannot unmarshal string/);
});

test('a folder that is gone deletes nothing', async (t) => {
  const plan = await planOf(t, BASE, { 'apps/blog/web.yaml': null });
  t.deepEqual(outline(plan), { 'headway-system/blog': [] });
  t.is(plan.applications[0]?.errors[0]?.reason, 'PathNotFound');
});

test('an object that another application or another file declares is named with both places', async (t) => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config, namespace: shop}\n';
  const plan = await planOf(t, BASE, { 'apps/blog/config.yaml': other, 'apps/shop/again.yaml': deploymentYaml('web') });
  const errors = plan.applications.flatMap((application) => application.errors.map(({ path, message }) => `${path}: ${message}`));
  t.deepEqual(errors, ['apps/blog/config.yaml: the object is declared by application headway-system/shop at apps/shop/config.yaml:1 too', 'apps/shop/again.yaml: the object is declared at apps/shop/web.yaml:1 too']);
});

test('deletions over the limit are held, unless the Application allows them', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`apps/blog/config-${i}.yaml`, configMapYaml(`config-${i}`, 'x')]));
  const less = Object.fromEntries(Object.keys(many).slice(0, 6).map((path) => [path, null]));
  const plan = await planOf(t, { ...BASE, ...many }, less);
  t.regex(plan.applications[0]?.held ?? '', /deletes 6 of 11 objects, more than 50 percent/);
  const loose = await planOf(t, { ...BASE, ...many, 'root/blog.yaml': applicationYaml('blog', 'apps/blog', '  syncPolicy: {pruneLimit: {percent: 100}}\n') }, less);
  t.is(loose.applications[0]?.held, undefined);
});

test('pods that read a changed ConfigMap at their start only are named', async (t) => {
  const reader = deploymentYaml('web', { container: '          envFrom: [{configMapRef: {name: config}}]\n' });
  const plan = await planOf(t, { ...BASE, 'apps/shop/web.yaml': reader }, { 'apps/shop/config.yaml': configMapYaml('config', 'two') });
  t.deepEqual(plan.applications[0]?.stale, [{ object: 'Deployment shop/web', reads: 'ConfigMap shop/config' }]);
  const both = await planOf(t, { ...BASE, 'apps/shop/web.yaml': reader }, { 'apps/shop/config.yaml': configMapYaml('config', 'two'), 'apps/shop/web.yaml': reader.replace('web:1', 'web:2') });
  t.deepEqual(both.applications[0]?.stale, []);
});

test('values of Secrets are in no part of a plan', async (t) => {
  const secret = (value: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nstringData: {password: ${value}, same: same-old-value}\n`;
  const plan = await planOf(t, { ...BASE, 'apps/shop/token.yaml': secret('hunter2'), 'apps/shop/gone.yaml': secret('hunter3').replace('token', 'gone') },
    { 'apps/shop/token.yaml': secret('swordfish'), 'apps/shop/gone.yaml': null, 'apps/shop/new.yaml': secret('letmein').replace('token', 'new') });
  t.deepEqual(outline(plan)['headway-system/shop'], ['create Secret shop/new', 'update Secret shop/token', 'prune Secret shop/gone']);
  const text = JSON.stringify(plan);
  for (const value of ['hunter2', 'hunter3', 'swordfish', 'letmein', 'same-old-value']) t.false(text.includes(value) || text.includes(Buffer.from(value).toString('base64')), value);
  t.deepEqual(plan.applications[0]?.objects[1]?.patch.map(({ path }) => path), ['/data/password']);
});

test('a file that SOPS encrypted is compared, but not judged', async (t) => {
  const sealed = (value: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: token}\ndata: {password: "ENC[AES256_GCM,data:${value},iv:a,tag:b,type:str]"}\nsops: {mac: "ENC[x]", version: 3.9.0}\n`;
  const plan = await planOf(t, { ...BASE, 'apps/shop/token.yaml': sealed('one') }, { 'apps/shop/token.yaml': sealed('two') });
  t.deepEqual(plan.applications.map(({ objects, errors }) => [objects.length, errors]), [[1, []]]);
});

const POLICY = (expression: string, rest = ''): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limits}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
${rest}  validations:
    - expression: ${expression}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limits}
spec:
  policyName: limits
  validationActions: [Deny]
`;
const CHANGED = { 'apps/shop/web.yaml': deploymentYaml('web', { image: 'example.org/web:2' }) };

test('policies of the folder hold, with their place and the object\'s', async (t) => {
  const plan = await planOf(t, { ...BASE, 'policies/limits/policy.yaml': POLICY('object.spec.replicas <= 2'), 'policies/limits/testdata/deny-x.yaml': 'not: read\n' }, CHANGED);
  t.deepEqual(plan.applications[0]?.policies, [{
    action: 'Deny', policy: 'limits', object: 'Deployment shop/web', message: 'failed expression: object.spec.replicas <= 2', path: 'apps/shop/web.yaml', line: 1, declaredAt: 'policies/limits/policy.yaml:1',
  }]);
});

test('policies that an application applies hold, with parameters, conditions and the namespaces of the repository', async (t) => {
  const parts = `  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConditions: [{name: not-blog, expression: "object.metadata.namespace != 'blog'"}]
`;
  const bound = POLICY('object.spec.replicas <= int(params.data.value)', parts).replace('  validationActions', '  paramRef: {name: max, namespace: rules, parameterNotFoundAction: Deny}\n  matchResources: {namespaceSelector: {matchLabels: {tier: prod}}}\n  validationActions');
  const files = {
    ...BASE, 'root/rules.yaml': applicationYaml('rules', 'apps/rules'), 'apps/rules/policy.yaml': bound, 'apps/rules/max.yaml': configMapYaml('max', '"2"'),
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: prod}}\n',
  };
  const denied = await planOf(t, files, CHANGED);
  t.is(denied.applications[0]?.policies[0]?.message, 'failed expression: object.spec.replicas <= int(params.data.value)');
  const elsewhere = await planOf(t, { ...files, 'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: test}}\n' }, CHANGED);
  t.deepEqual(elsewhere.applications[0]?.policies, []);
  const relaxed = await planOf(t, files, { ...CHANGED, 'apps/rules/max.yaml': configMapYaml('max', '"5"') });
  t.deepEqual(relaxed.applications.flatMap(({ policies }) => policies), []);
});

test('mutating policies come first, and what does not compile is an error of the policy', async (t) => {
  const mutating = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: small}
spec:
  reinvocationPolicy: Never
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration: {expression: "Object{spec: Object.spec{replicas: 1}}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: small}
spec: {policyName: small}
`;
  const plan = await planOf(t, { ...BASE, 'policies/a.yaml': POLICY('object.spec.replicas <= 2'), 'policies/b.yaml': mutating }, CHANGED);
  t.deepEqual(plan.applications.flatMap(({ policies, errors }) => [...policies, ...errors]), []);
  const wrong = await planOf(t, { ...BASE, 'root/rules.yaml': applicationYaml('rules', 'apps/rules'), 'apps/rules/a.yaml': POLICY('true') }, { 'apps/rules/a.yaml': POLICY('object.spec.replicas <') });
  t.regex(wrong.applications[0]?.errors[0]?.message ?? '', /spec.validations\[0\].expression: .*compilation failed/);
});

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: {size: {type: integer, maximum: 3, default: 1}}
              x-kubernetes-validations: [{rule: self.size != 2, message: two is taken}]
`;
const widget = (size: string): string => `apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nspec:\n  size: ${size}\n`;

test('custom objects are checked by the definition in the repository, its rules too', async (t) => {
  const files = { ...BASE, 'apps/blog/definition.yaml': DEFINITION, 'apps/shop/widget.yaml': 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nspec: {}\n' };
  const errorsOf = async (size: string): Promise<readonly string[]> => (await planOf(t, files, { 'apps/shop/widget.yaml': widget(size) })).applications.flatMap(({ errors }) => errors.map(({ line, message }) => `${line}: ${message}`));
  t.deepEqual((await planOf(t, files, { 'apps/shop/widget.yaml': widget('1') })).applications, []);
  t.regex((await errorsOf('4'))[0] ?? '', /^5: spec.size: Invalid value: 4/);
  t.regex((await errorsOf('2'))[0] ?? '', /two is taken/);
});

test('a kind without definition is compared and said to be unknown; strict, it is an error', async (t) => {
  const files = { ...BASE, 'apps/shop/widget.yaml': widget('1') };
  const plan = await planOf(t, files, { 'apps/shop/widget.yaml': widget('2') });
  t.deepEqual(outline(plan), { 'headway-system/shop': ['update Widget one'] });
  t.regex(plan.notes.join(), /kind not known offline: Widget of example.org\/v1/);
  const strict = await planOf(t, files, { 'apps/shop/widget.yaml': widget('2') }, { isStrict: true });
  t.is(strict.applications[0]?.errors[0]?.reason, 'UnknownKind');
});

test('an application of another branch is left out, and said so', async (t) => {
  const release = 'apiVersion: headway.dev/v1\nkind: Repository\nmetadata: {name: release, namespace: headway-system}\nspec: {url: "https://git.example.org/team/platform", ref: v1.x}\n';
  const plan = await planOf(t, { ...BASE, 'root/release.yaml': release, 'root/blog.yaml': applicationYaml('blog', 'apps/blog').replace('repository: root', 'repository: release') }, { 'apps/blog/web.yaml': deploymentYaml('web', { image: 'x:2' }) });
  t.deepEqual(plan.applications, []);
  t.deepEqual(plan.notes, ['headway-system/blog is not planned: it follows v1.x, not main']);
});

test('an object that goes from one application to another is said to move', async (t) => {
  const plan = await planOf(t, BASE, { 'apps/shop/config.yaml': null, 'apps/blog/config.yaml': SHOP['apps/shop/config.yaml'].replace('name: config', 'name: config\n  namespace: shop') });
  t.regex(plan.notes.join(), /configmaps\/shop\/config moves from application headway-system\/shop to headway-system\/blog/);
});

function below(folder: string, prefix: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile()).map((name) => [`${prefix}/${name}`, readFileSync(join(folder, name), 'utf8')]));
}

test('a change of a Kustomize base tells what comes out of the overlay, and a hashed ConfigMap is the reason of a restart', async (t) => {
  t.timeout(120_000);
  const { tools, dispose } = await sharedTools();
  t.teardown(dispose);
  const kustomization = (value: string): string => `resources: [web.yaml]\nconfigMapGenerator: [{name: config, literals: [value=${value}]}]\n`;
  const files = {
    ...BASE, 'apps/shop/kustomization.yaml': 'resources: [../../bases/shop]\nnamePrefix: prod-\n', 'apps/shop/web.yaml': null, 'apps/shop/config.yaml': null,
    'bases/shop/kustomization.yaml': kustomization('one'), 'bases/shop/web.yaml': deploymentYaml('web', { container: '          envFrom: [{configMapRef: {name: config}}]\n' }),
  };
  const { 'apps/shop/web.yaml': _web, 'apps/shop/config.yaml': _config, ...base } = files;
  const plan = await planOf(t, base, { 'bases/shop/kustomization.yaml': kustomization('two') }, { tools });
  const told = outline(plan)['headway-system/shop'] ?? [];
  t.deepEqual(told.map((line) => line.replace(/-[a-z0-9]{10}$/, '-HASH')).sort(), ['create ConfigMap shop/prod-config-HASH', 'prune ConfigMap shop/prod-config-HASH', 'update Deployment shop/prod-web']);
  t.regex(plan.applications[0]?.restarts[0]?.reasons.join() ?? '', /envFrom.0.configMapRef.name: prod-config-\w+ → prod-config-\w+/);
});

test('a chart is rendered only when one of its inputs changed', async (t) => {
  t.timeout(120_000);
  const { tools, dispose } = await sharedTools();
  t.teardown(dispose);
  const chart = below(join(GITOPS, 'chart'), 'gitops/chart');
  const base = { ...BASE, ...chart, ...below(join(GITOPS, 'lib'), 'gitops/lib'), 'root/chart.yaml': applicationYaml('chart', 'gitops/chart') };
  t.deepEqual((await planOf(t, base, { 'apps/shop/config.yaml': configMapYaml('config', 'two') }, { tools })).applications.map(({ name }) => name), ['headway-system/shop']);
  const plan = await planOf(t, base, { 'gitops/chart/values.yaml': `${chart['gitops/chart/values.yaml'] ?? ''}\nreplicas: 7\nreplicaCount: 7\n` }, { tools });
  t.deepEqual(plan.applications.flatMap(({ errors }) => errors), []);
});
