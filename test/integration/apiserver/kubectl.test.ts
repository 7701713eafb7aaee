import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';

const run = promisify(execFile);
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const kubectl = async (...args: string[]): Promise<string> =>
  (await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), ...args], { timeout: 30_000 })).stdout;

async function manifest(name: string, replicas: number): Promise<string> {
  const file = join(plane.directory, `${name}-${replicas}.yaml`);
  const container = '{name: c, image: nginx}';
  await writeFile(file, `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: ${name}}}\n  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [${container}]}}\n`);
  return file;
}

test('apply creates, changes, and leaves alone what is as wanted', async (t) => {
  t.regex(await kubectl('apply', '-f', await manifest('applied', 2)), /created/);
  t.regex(await kubectl('apply', '-f', await manifest('applied', 3)), /configured/);
  t.regex(await kubectl('apply', '-f', await manifest('applied', 3)), /unchanged/);
  t.is(await kubectl('get', 'deploy', 'applied', '-o', 'jsonpath={.spec.replicas}/{.metadata.generation}'), '3/2');
});

test('server-side apply meets a conflict, and force resolves it', async (t) => {
  await kubectl('apply', '--server-side', '-f', await manifest('owned', 2));
  await kubectl('scale', 'deploy', 'owned', '--replicas=5');
  const failure = await t.throwsAsync(kubectl('apply', '--server-side', '-f', await manifest('owned', 3)));
  t.regex(failure?.message ?? '', /conflict/i);
  t.regex(await kubectl('apply', '--server-side', '--force-conflicts', '-f', await manifest('owned', 3)), /serverside-applied/);
});

test('create, label, patch, table and delete', async (t) => {
  await kubectl('create', 'configmap', 'one', '--from-literal=a=b');
  await kubectl('label', 'cm', 'one', 'x=y');
  await kubectl('patch', 'cm', 'one', '--type=json', '-p', '[{"op":"replace","path":"/data/a","value":"c"}]');
  t.is(await kubectl('get', 'cm', 'one', '-o', 'jsonpath={.data.a}{.metadata.labels.x}'), 'cy');
  t.regex(await kubectl('get', 'cm', '-l', 'x=y'), /NAME\s+DATA\s+AGE\none\s+1/);
  await kubectl('delete', 'cm', 'one');
  const failure = await t.throwsAsync(kubectl('get', 'cm', 'one'));
  t.regex(failure?.message ?? '', /configmaps "one" not found/);
});

test('discovery, explain, rights and health', async (t) => {
  t.regex(await kubectl('api-resources'), /deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/);
  t.regex(await kubectl('explain', 'deployment.spec.replicas'), /FIELD: replicas <integer>/);
  t.regex(await kubectl('explain', 'applications.spec.path'), /FIELD: path <string>\s+DESCRIPTION:\s+Folder inside the repository/);
  t.is((await kubectl('auth', 'can-i', 'create', 'pods')).trim(), 'yes');
  const failure = await t.throwsAsync(kubectl('auth', 'can-i', 'list', 'secrets', '--as=system:serviceaccount:kube-system:job-controller'));
  t.regex(String((failure as { stdout?: string } | undefined)?.stdout), /no/);
  t.is(await kubectl('get', '--raw', '/readyz'), 'ok');
});

test('unknown fields are refused by name', async (t) => {
  const file = join(plane.directory, 'bad.yaml');
  await writeFile(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndatum: {a: b}\n');
  const failure = await t.throwsAsync(kubectl('create', '-f', file));
  t.regex(failure?.message ?? '', /unknown field "datum"/);
});
