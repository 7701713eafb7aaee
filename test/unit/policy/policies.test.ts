import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { load, loadAll } from 'js-yaml';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { PolicyEngine } from '#policy/policy-engine.ts';
import type { PolicyRequest } from '#policy/policy-request.ts';

const POLICIES = join(import.meta.dirname, '../../../policies');
const engine = new PolicyEngine();

function createRequest(object: KubeObject): PolicyRequest {
  const [version = '', group = ''] = object.apiVersion.split('/').reverse();
  const resource = BUILT_IN_RESOURCES.find((r) => r.group === group && r.kind === object.kind)?.plural ?? '';
  return { operation: 'CREATE', group, version, resource, kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name, object, user: { name: 'ada', groups: [] }, isDryRun: false };
}

for (const name of readdirSync(POLICIES, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name)) {
  const documents = loadAll(readFileSync(join(POLICIES, name, 'policy.yaml'), 'utf8')) as readonly KubeObject[];
  const policies = documents.filter((d) => d.kind === 'ValidatingAdmissionPolicy') as unknown as readonly ValidatingAdmissionPolicy[];
  const bindings = documents.filter((d) => d.kind === 'ValidatingAdmissionPolicyBinding') as unknown as readonly ValidatingAdmissionPolicyBinding[];
  for (const file of readdirSync(join(POLICIES, name, 'testdata'))) {
    test(`policy ${name}: ${file}`, (t) => {
      const object = load(readFileSync(join(POLICIES, name, 'testdata', file), 'utf8')) as KubeObject;
      const decisions = engine.evaluate(policies, bindings, createRequest(object));
      t.deepEqual(decisions.map((d) => d.action), file.startsWith('deny-') ? ['Deny'] : [], decisions.map((d) => d.message).join('\n'));
    });
  }
}
