import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const FOLDER = join(import.meta.dirname, '../../../../policies/no-floating-image-tags');
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const [POLICY = '', BINDING = ''] = readFileSync(join(FOLDER, 'policy.yaml'), 'utf8').split('\n---\n');
const deployment = (file: string): string => readFileSync(join(FOLDER, 'testdata', file), 'utf8').replace('namespace: demo', 'namespace: default');

async function open(t: ExecutionContext) {
  const server = await startInProcessApi(t);
  return async (path: string, manifest: string, query: Readonly<Record<string, string>> = {}) => {
    const { status, body, warnings = [] } = await server.handle({ method: 'POST', path, body: Buffer.from(manifest), contentType: 'application/yaml', query }, ADMIN);
    return { code: status, message: (body as Status).message ?? '', warnings };
  };
}

test('a policy with its binding denies what breaks it, a dry run included, and lets the rest pass', async (t) => {
  const create = await open(t);
  t.is((await create(`${ADMISSION}/validatingadmissionpolicies`, POLICY)).code, 201);
  t.is((await create(DEPLOYMENTS, deployment('deny-latest.yaml'), { dryRun: 'All' })).code, 201, 'no binding, no rule');
  t.is((await create(`${ADMISSION}/validatingadmissionpolicybindings`, BINDING)).code, 201);
  for (const query of [{}, { dryRun: 'All' }]) {
    const denied = await create(DEPLOYMENTS, deployment('deny-latest.yaml'), query);
    t.is(denied.code, 422);
    t.regex(denied.message, /ValidatingAdmissionPolicy 'no-floating-image-tags'.*images without a fixed tag or digest: example\.org\/web:latest/);
  }
  t.is((await create(DEPLOYMENTS, deployment('accept-tag.yaml'))).code, 201);
});

test('a binding that warns lets pass, and says so', async (t) => {
  const create = await open(t);
  await create(`${ADMISSION}/validatingadmissionpolicies`, POLICY);
  await create(`${ADMISSION}/validatingadmissionpolicybindings`, BINDING.replace('[Deny]', '[Warn]'));
  const passed = await create(DEPLOYMENTS, deployment('deny-no-tag.yaml'));
  t.is(passed.code, 201);
  t.regex(passed.warnings.join(), /images without a fixed tag or digest/);
});

test('a policy whose expression does not compile is refused, with its place', async (t) => {
  const create = await open(t);
  const refused = await create(`${ADMISSION}/validatingadmissionpolicies`, POLICY.replace('size(variables.floating) == 0', 'size(variables.floating'));
  t.is(refused.code, 422);
  t.regex(refused.message, /spec\.validations\[0\]\.expression.*compilation failed/);
});
