import test from 'ava';
import { DEPLOYMENTS, PODS, SECRETS } from '#api/resources.ts';
import { AuditPolicy } from '#apiserver/audit/policy.ts';
import type { RequestInfo, ResourceInfo } from '#apiserver/request-info.ts';

const POLICY = AuditPolicy.parse(`
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [system:kube-proxy]
  verbs: [watch]
- level: None
  nonResourceURLs: [/healthz*, /version]
- level: RequestResponse
  resources:
  - group: ""
    resources: [pods/log, pods/status]
- level: Metadata
  resources:
  - group: ""
    resources: [secrets, configmaps]
    resourceNames: [known]
- level: RequestResponse
  users: [watched]
  resources:
  - group: "*"
    resources: [pods, deployments]
- level: Request
  userGroups: [developers]
  namespaces: [shop]
  omitManagedFields: true
  omitStages: [ResponseStarted]
`);
const on = (resource: ResourceInfo['resource'], more: Partial<ResourceInfo> = {}): ResourceInfo => ({ type: 'resource', path: '', verb: 'get', resource, subresource: '', namespace: 'shop', name: 'a', ...more });
const path = (text: string): RequestInfo => ({ type: 'path', path: text, verb: 'get' });

for (const [why, user, groups, info, level] of [
  ['user and verb', 'system:kube-proxy', [], on(PODS, { verb: 'watch' }), 'None'],
  ['a subresource', 'a', [], on(PODS, { subresource: 'log' }), 'RequestResponse'],
  ['not the object by its subresource', 'a', [], on(PODS), 'None'],
  ['a name', 'a', [], on(SECRETS, { name: 'known' }), 'Metadata'],
  ['not another name', 'a', [], on(SECRETS, { name: 'other' }), 'None'],
  ['group and namespace', 'a', ['developers'], on(PODS), 'Request'],
  ['not another namespace', 'a', ['developers'], on(PODS, { namespace: 'bank' }), 'None'],
  ['any group', 'watched', [], on(DEPLOYMENTS), 'RequestResponse'],
  ['any group, but not any resource', 'watched', [], on(SECRETS), 'None'],
  ['a path by its beginning', 'a', [], path('/healthz/ping'), 'None'],
] as const) {
  test(`a rule matches ${why}`, (t) => t.is(POLICY.decide({ name: user, groups }, info).level, level));
}

test('stages that the policy and the rule leave out are left out', (t) => {
  const decision = POLICY.decide({ name: 'a', groups: ['developers'] }, on(PODS));
  t.deepEqual([...decision.omitStages], ['RequestReceived', 'ResponseStarted']);
  t.true(decision.omitManagedFields);
});

for (const [why, text] of [
  ['no policy', 'apiVersion: v1\nkind: ConfigMap\n'],
  ['a level that is none', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]\n'],
  ['a stage that is none', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [Later]\nrules: []\n'],
  ['resources and paths in one rule', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, namespaces: [a], nonResourceURLs: [/x]}]\n'],
] as const) {
  test(`refused: ${why}`, (t) => void t.throws(() => AuditPolicy.parse(text)));
}
