import type { ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { DEPLOYMENTS, NAMESPACES, REPLICA_SETS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { builtIn } from './support/built-in.ts';
import { createCustom } from './support/custom-resource.ts';
import { supportsOperations } from './support/operations.ts';
import { containers, eventually } from './support/workloads.ts';

const VALIDATING = '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin]';
const POLICIES = builtIn<ValidatingAdmissionPolicy & KubeObject>('ValidatingAdmissionPolicy');
const BINDINGS = builtIn('ValidatingAdmissionPolicyBinding');
const labels = { app: 'nginx' };
const workload = (name: string, replicas: number): Sent => ({ metadata: { name, labels }, spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: containers() } } } });

/** A policy for one resource where the namespace bears the label, as the suite makes it. */
async function createPolicy({ t, api }: Scene, name: string, { label, rule, ...spec }: { readonly label: string; readonly rule: readonly [group: string, resource: string] } & Readonly<Record<string, unknown>>): Promise<void> {
  const resourceRules = [{ operations: ['CREATE', 'UPDATE'], apiGroups: [rule[0]], apiVersions: ['v1'], resources: [rule[1]] }];
  await api.create(POLICIES, { metadata: { name }, spec: { matchConstraints: { namespaceSelector: { matchLabels: { [label]: 'true' } }, resourceRules }, ...spec } });
  t.teardown(() => api.delete(POLICIES, name));
}

async function inForce(scene: Scene, spec: Readonly<Record<string, unknown>>): Promise<void> {
  const { t, api, namespace, unique } = scene;
  const label = unique('label');
  await api.patch(NAMESPACES, namespace, 'strategic', { metadata: { labels: { [label]: 'true' } } });
  const [policy, binding] = [`${label}.policy.example.com`, `${label}.binding.example.com`];
  await createPolicy(scene, policy, { label, rule: ['apps', 'deployments'], ...spec });
  await api.create(BINDINGS, { metadata: { name: binding }, spec: { policyName: policy, matchResources: { namespaceSelector: { matchLabels: { [label]: 'true' } } }, validationActions: ['Deny'] } });
  t.teardown(() => api.delete(BINDINGS, binding));
  await eventually(async () => {
    try {
      await api.create(DEPLOYMENTS, workload('marker-deployment', 1), { namespace });
    } catch (error) {
      if (isStatus(error, 'Invalid')) return true;
      throw error;
    }
    await api.delete(DEPLOYMENTS, 'marker-deployment', { namespace });
    return false;
  }, { what: 'the marker to be denied' });
}

behaviour(`${VALIDATING} should validate against a Deployment [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await inForce(scene, {
    validations: [
      { expression: 'object.spec.replicas > 1', messageExpression: "'wants replicas > 1, got ' + object.spec.replicas" },
      { expression: `namespaceObject.metadata.name == '${namespace}'`, message: 'Internal error! Other namespace should not be allowed.' },
    ],
  });
  const denied = await api.failure(api.create(DEPLOYMENTS, workload('denied', 1), { namespace }));
  t.is(denied.reason, 'Invalid');
  t.is(denied.httpCode, 422);
  t.regex(denied.message, /^deployments\.apps "denied" is forbidden: ValidatingAdmissionPolicy '.*\.policy\.example\.com' with binding '.*\.binding\.example\.com' denied request: failed expression: object\.spec\.replicas > 1$/);
  t.truthy(await api.create(DEPLOYMENTS, workload('replicated', 2), { namespace }));
  t.truthy(await api.create(REPLICA_SETS, workload('non-replicated', 1), { namespace }));
});

behaviour(`${VALIDATING} should allow expressions to refer variables, for what is replicated and for other kinds`, async (scene) => {
  const { t, api, namespace } = scene;
  await inForce(scene, {
    variables: [{ name: 'replicas', expression: 'object.spec.replicas' }, { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' }],
    validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
  });
  t.truthy(await api.create(DEPLOYMENTS, workload('replicated', 3), { namespace }));
  t.truthy(await api.create(REPLICA_SETS, workload('non-replicated', 1), { namespace }));
});

/** The warnings of the type check, once it is done. */
const warningsOf = ({ api }: Scene, name: string) =>
  eventually(async () => {
    const { status } = await api.get(POLICIES, name);
    return status?.typeChecking && (status.typeChecking.expressionWarnings ?? []);
  }, { what: `the types of ${name} to be checked` });

async function checksTypes(scene: Scene, rule: readonly [string, string]): Promise<void> {
  const { t, unique } = scene;
  const [correct, confused] = [unique('correct-policy'), unique('confused-policy')];
  await createPolicy(scene, correct, { label: correct, rule, validations: [{ expression: 'object.spec.replicas > 1' }] });
  t.deepEqual(await warningsOf(scene, correct), []);
  await createPolicy(scene, confused, { label: confused, rule, validations: [{ expression: "object.spec.replicas > '1'", messageExpression: "'wants replicas > 1, got ' + object.spec.replicas" }] });
  const warnings = await warningsOf(scene, confused);
  t.deepEqual(warnings.map(({ fieldRef }) => fieldRef), ['spec.validations[0].expression', 'spec.validations[0].messageExpression']);
  t.regex(warnings[0]?.warning ?? '', /found no matching overload for '_>_' applied to '\(int, string\)'/);
  t.regex(warnings[1]?.warning ?? '', /found no matching overload for '_\+_' applied to '\(string, int\)'/);
}

behaviour(`${VALIDATING} should type check validation expressions`, (scene) => checksTypes(scene, ['apps', 'deployments']));

behaviour(`${VALIDATING} should type check a CRD`, async (scene) => {
  const string = { type: 'string' };
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { cronSpec: string, image: string, replicas: { type: 'integer' } } } } };
  const { group, plural } = await createCustom(scene, { versions: [{ name: 'v1', schema }] });
  await checksTypes(scene, [group, plural]);
});

behaviour(`${VALIDATING} should support ValidatingAdmissionPolicyBinding API operations [Conformance]`, (scene) =>
  supportsOperations(scene, BINDINGS, {
    make: (name, given) => ({ metadata: { name, labels: given }, spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] } }),
  }));
