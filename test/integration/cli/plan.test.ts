import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { exec, ROOT, type ExecResult } from '#test/support/headway.ts';
import { applicationYaml, configMapYaml, deploymentYaml } from '#test/support/plan-bench.ts';
import { createTemporaryRepository, type TemporaryRepository } from '#test/support/temporary-repository.ts';

const GOLDEN = join(ROOT, 'test/testdata/plan');
const SECRET = (value: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nstringData: {password: ${value}}\n`;

const headway = (args: readonly string[], cwd?: string): Promise<ExecResult> => exec(join(ROOT, 'bin/headway'), args, { ...(cwd ? { cwd } : {}), env: { NO_COLOR: '1' } });

/** A branch with something of everything. */
async function startBranch(t: ExecutionContext): Promise<TemporaryRepository> {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({
    'clusters/production/shop.yaml': applicationYaml('shop', 'apps/shop'), 'apps/shop/web.yaml': deploymentYaml('web', { container: '          envFrom: [{configMapRef: {name: config}}]\n' }),
    'apps/shop/worker.yaml': deploymentYaml('worker', { container: '          envFrom: [{configMapRef: {name: config}}]\n' }),
    'apps/shop/config.yaml': configMapYaml('config', 'one'), 'apps/shop/old.yaml': configMapYaml('old', 'x'), 'apps/shop/token.yaml': SECRET('hunter2'),
    'policies/no-floating-image-tags/policy.yaml': readFileSync(join(ROOT, 'policies/no-floating-image-tags/policy.yaml'), 'utf8'),
  }, 'base');
  repository.git('checkout', '--quiet', '-b', 'change');
  repository.commit({
    'apps/shop/web.yaml': deploymentYaml('web', { image: 'example.org/web:latest', container: '          envFrom: [{configMapRef: {name: config}}]\n' }),
    'apps/shop/config.yaml': configMapYaml('config', 'two'), 'apps/shop/old.yaml': null, 'apps/shop/new.yaml': configMapYaml('new', 'x'), 'apps/shop/token.yaml': SECRET('swordfish'),
    'apps/shop/wrong.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: wrong\nspec:\n  ports:\n    - port: 99999\n',
  }, 'change');
  // What came to main since does not belong to the branch.
  repository.git('checkout', '--quiet', 'main');
  repository.commit({ 'apps/shop/later.yaml': configMapYaml('later', 'x') }, 'later');
  return repository;
}

/** Names of commits, and hashes with a random salt, differ from run to run. */
function normal(repository: TemporaryRepository, text: string): string {
  const known = [['BASE', repository.git('merge-base', 'main', 'change')], ['HEAD', repository.git('rev-parse', 'change')]] as const;
  const named = known.reduce((all, [name, commit]) => all.replaceAll(commit, name).replaceAll(commit.slice(0, 7), name), text);
  const salts = new Map<string, string>();
  return named.replaceAll(/<hidden ([0-9a-f]{8})>/g, (_, hash: string) => {
    salts.set(hash, salts.get(hash) ?? `<hidden ${salts.size + 1}>`);
    return salts.get(hash) ?? '';
  });
}

/** HEADWAY_UPDATE_GOLDEN=1 writes the files anew. */
function golden(t: ExecutionContext, name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env['HEADWAY_UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  t.is(text, readFileSync(file, 'utf8'));
}

for (const [format, file] of [['text', 'plan.txt'], ['json', 'plan.json'], ['markdown', 'plan.md']] as const) {
  test(`headway plan as ${format}`, async (t) => {
    const repository = await startBranch(t);
    const { stdout, code } = await headway(['plan', '--repo', repository.path, '--head', 'change', '--path', 'clusters/production', '-o', format]);
    t.is(code, 2);
    golden(t, file, normal(repository, stdout));
  });
}

test('the exit code says whether something changes, and what failed', async (t) => {
  t.timeout(180_000);
  const repository = await startBranch(t);
  const plan = async (...args: readonly string[]): Promise<number> => (await headway(['plan', '--path', 'clusters/production', ...args], join(repository.path, 'apps/shop'))).code;
  t.is(await plan('--head', 'main'), 0);
  t.is(await plan('--head', 'change', '--fail-on', ''), 0);
  t.is(await plan('--head', 'change', '--fail-on', '', '--exit-code'), 1);
  t.is(await plan('--head', 'change', '--fail-on', 'delete'), 2);
  t.is(await plan('--base', 'main~1', '--head', 'main', '--exit-code'), 1);
});

test('--direct compares with base as it is now', async (t) => {
  const repository = await startBranch(t);
  const { stdout } = await headway(['plan', '--repo', repository.path, '--head', 'change', '--path', 'clusters/production', '--direct']);
  t.regex(stdout, /- ConfigMap shop\/later/);
});

test('what cannot be planned is said in a sentence, with exit code 2', async (t) => {
  t.timeout(180_000);
  const repository = await startBranch(t);
  const said = async (...args: readonly string[]): Promise<string> => {
    const { stderr, code } = await headway(['plan', '--repo', repository.path, ...args]);
    t.is(code, 2);
    return stderr;
  };
  t.is(await said('--base', 'nothing'), 'headway: --base nothing: the repository has no such commit; fetch it first, or name a branch, a tag or a commit that it has\n');
  t.regex(await said('-o', 'xml'), /-o xml: say one of text, json, markdown/);
  t.regex(await said('--against', 'paper'), /say git or live/);
  t.regex(await said('--fail-on', 'rain'), /"rain" is none of/);
  repository.git('checkout', '--quiet', '--orphan', 'alone');
  repository.commit({ 'a.yaml': '' }, 'alone');
  t.regex(await said('--head', 'alone'), /have no commit in common here; fetch the whole history/);
  t.regex((await headway(['plan', '--repo', '/nonexistent'])).stderr, /^headway: --repo \/nonexistent: .* no Git repository/);
});

test('headway policy test runs accept and deny cases, and tells which one is wrong', async (t) => {
  const good = await headway(['policy', 'test', join(ROOT, 'policies')]);
  t.is(good.code, 0, good.stdout + good.stderr);
  t.regex(good.stdout, /all as expected/);
  const repository = await startBranch(t);
  repository.commit({
    'policies/no-floating-image-tags/testdata/deny-fixed.yaml': deploymentYaml('web'),
    'policies/no-floating-image-tags/testdata/accept-wrong.yaml': deploymentYaml('web').replace('replicas: 3', 'replicas: many'),
  });
  const bad = await headway(['policy', 'test'], repository.path);
  t.is(bad.code, 1);
  t.regex(bad.stdout, /✘ deny-fixed.yaml: it should be denied, and is not/);
  t.regex(bad.stdout, /✘ accept-wrong.yaml: it should be accepted; line \d+: .*replicas/);
  t.is((await headway(['policy', 'test', '/nonexistent'])).code, 1);
});

test('a case of an update has the object before it, and its parameters beside it', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-shrinking}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}]
  validations: [{expression: "object.spec.replicas >= oldObject.spec.replicas - int(params.data.by)"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-shrinking}
spec: {policyName: no-shrinking, validationActions: [Deny], paramRef: {name: by, parameterNotFoundAction: Deny}}
`;
  const by = (count: number): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: by}\ndata: {by: "${count}"}\n---\n`;
  const shrink = `${deploymentYaml('web')}---\n${deploymentYaml('web').replace('replicas: 3', 'replicas: 1')}`;
  repository.commit({ 'policies/p/policy.yaml': policy, 'policies/p/testdata/deny-two.yaml': by(1) + shrink, 'policies/p/testdata/accept-two.yaml': by(2) + shrink, 'policies/p/testdata/accept-new.yaml': deploymentYaml('web') });
  const { stdout, code } = await headway(['policy', 'test'], repository.path);
  t.is(code, 0, stdout);
});
