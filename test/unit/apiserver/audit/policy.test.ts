import test from 'ava';
import { DEPLOYMENTS, NAMESPACES, PODS, SECRETS } from '#api/resources.ts';
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

const ruled = (rule: object): AuditPolicy => new AuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Request', ...rule }] });
const resources = (...names: readonly string[]): object => ({ resources: [{ group: '', resources: names }] });

for (const [why, rule, info, isMatch] of [
  ['all below a resource, and itself', resources('pods/*'), on(PODS), true],
  ['all below a resource', resources('pods/*'), on(PODS, { subresource: 'log' }), true],
  ['one subresource of all', resources('*/log'), on(PODS, { subresource: 'log' }), true],
  ['no resource by a subresource of all', resources('*/log'), on(PODS), false],
  ['all resources', resources('*'), on(PODS, { subresource: 'log' }), true],
  ['the name that a list selects', { resources: [{ group: '', resources: ['pods'], resourceNames: ['a'] }] }, on(PODS, { verb: 'list', name: '', selectedName: 'a' }), true],
  ['a namespace by its own name', { namespaces: ['shop'] }, on(NAMESPACES, { namespace: '', name: 'shop' }), true],
  ['what has no namespace', { namespaces: [''] }, on(NAMESPACES, { verb: 'list', namespace: '', name: '' }), true],
  ['no path by a namespace', { namespaces: [''] }, path('/healthz'), false],
  ['no object by a path', { nonResourceURLs: ['*'] }, on(PODS), false],
] as const) {
  test(`a rule is for ${why}`, (t) => t.is(ruled(rule).decide({ name: 'a', groups: [] }, info).level, isMatch ? 'Request' : 'None'));
}

test('nobody is no user of a rule, also not one without a name', (t) => {
  t.is(ruled({ users: ['', 'tim'] }).decide(undefined, on(PODS)).level, 'None');
  t.is(ruled({ userGroups: ['humans'] }).decide(undefined, on(PODS)).level, 'None');
  t.is(ruled({}).decide(undefined, on(PODS)).level, 'Request');
});

test('stages that the policy and the rule leave out are left out', (t) => {
  const decision = POLICY.decide({ name: 'a', groups: ['developers'] }, on(PODS));
  t.deepEqual([...decision.omitStages], ['RequestReceived', 'ResponseStarted']);
  t.true(decision.omitManagedFields);
});

for (const [why, text] of [
  ['no policy', 'apiVersion: v1\nkind: ConfigMap\n'],
  ['a level that is none', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]\n'],
  ['a policy without rules', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n'],
  ['a rule without a level', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{verbs: [get]}]\n'],
  ['a group with its version', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, resources: [{group: rbac.authorization.k8s.io/v1beta1, resources: [roles]}]}]\n'],
  ['names of no resource', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, resources: [{resourceNames: [a]}]}]\n'],
  ['a path that does not begin', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, nonResourceURLs: [logs, /healthz*]}]\n'],
  ['an empty path', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, nonResourceURLs: ["", /healthz*]}]\n'],
  ['a star within a path', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, nonResourceURLs: ["/logs/*/*"]}]\n'],
  ['a stage that is none', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [Later]\nrules: []\n'],
  ['resources and paths in one rule', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, namespaces: [a], nonResourceURLs: [/x]}]\n'],
] as const) {
  test(`refused: ${why}`, (t) => void t.throws(() => AuditPolicy.parse(text)));
}
