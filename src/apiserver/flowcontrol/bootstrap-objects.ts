import type { KubeObject } from '#api/object.ts';
import type { FlowSchema, FlowSchemaSpec, NonResourcePolicyRule, PriorityLevelConfiguration, PriorityLevelConfigurationSpec, ResourcePolicyRule, Subject } from '#api/generated/flowcontrol/v1.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
/** `true`: the server keeps the spec as it wants it. */
export const AUTOUPDATE = 'apf.kubernetes.io/autoupdate-spec';
/** These always have the fixed spec: without them a mistake could lock everybody out. */
export const MANDATORY: ReadonlySet<string> = new Set(['exempt', 'catch-all']);

const ALL = ['*'] as const;
const LEASE_VERBS = ['get', 'create', 'update'] as const;
const EVERYBODY = ['system:unauthenticated', 'system:authenticated'] as const;

const level = (name: string, spec: PriorityLevelConfigurationSpec): PriorityLevelConfiguration =>
  ({ apiVersion: API_VERSION, kind: 'PriorityLevelConfiguration', metadata: { name, annotations: { [AUTOUPDATE]: 'true' } }, spec });

function queued(name: string, shares: number, lendablePercent: number, queues: number, handSize: number): PriorityLevelConfiguration {
  const limitResponse = { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } };
  return level(name, { type: 'Limited', limited: { nominalConcurrencyShares: shares, lendablePercent, limitResponse } });
}

/** The levels of Kubernetes 1.36, mandatory ones first. */
export const BOOTSTRAP_LEVELS: readonly PriorityLevelConfiguration[] = [
  level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
  level('catch-all', { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } }),
  queued('system', 30, 33, 64, 6),
  queued('node-high', 40, 25, 64, 6),
  queued('leader-election', 10, 0, 16, 4),
  queued('workload-high', 40, 50, 128, 6),
  queued('workload-low', 100, 90, 128, 6),
  queued('global-default', 20, 50, 128, 6),
];

const groups = (...names: readonly string[]): readonly Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: readonly string[]): readonly Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const systemAccounts = (...names: readonly string[]): readonly Subject[] => names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } }));

const inNamespaces = (verbs: readonly string[], group: string, resources: readonly string[]): ResourcePolicyRule => ({ verbs, apiGroups: [group], resources, namespaces: ALL });
const EVERYTHING: ResourcePolicyRule = { verbs: ALL, apiGroups: ALL, resources: ALL, clusterScope: true, namespaces: ALL };
const EVERY_PATH: NonResourcePolicyRule = { verbs: ALL, nonResourceURLs: ALL };
const LEASES = inNamespaces(LEASE_VERBS, 'coordination.k8s.io', ['leases']);

interface SchemaFacts {
  readonly level: string;
  readonly precedence: number;
  readonly by?: 'ByUser' | 'ByNamespace';
  readonly subjects: readonly Subject[];
  /** Both absent: everything. */
  readonly resourceRules?: readonly ResourcePolicyRule[];
  readonly nonResourceRules?: readonly NonResourcePolicyRule[];
}

function schema(name: string, { level: levelName, precedence, by, subjects, ...rules }: SchemaFacts): FlowSchema {
  const spec: FlowSchemaSpec = {
    priorityLevelConfiguration: { name: levelName }, matchingPrecedence: precedence, ...(by ? { distinguisherMethod: { type: by } } : {}),
    rules: [{ subjects, ...(rules.resourceRules || rules.nonResourceRules ? rules : { resourceRules: [EVERYTHING], nonResourceRules: [EVERY_PATH] }) }],
  };
  return { apiVersion: API_VERSION, kind: 'FlowSchema', metadata: { name, annotations: { [AUTOUPDATE]: 'true' } }, spec };
}

/** The schemas of Kubernetes 1.36, mandatory ones first. */
export const BOOTSTRAP_SCHEMAS: readonly FlowSchema[] = [
  schema('exempt', { level: 'exempt', precedence: 1, subjects: groups('system:masters') }),
  schema('catch-all', { level: 'catch-all', precedence: 10_000, by: 'ByUser', subjects: groups(...EVERYBODY) }),
  schema('probes', { level: 'exempt', precedence: 2, subjects: groups(...EVERYBODY), nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }),
  schema('system-leader-election', {
    level: 'leader-election', precedence: 100, by: 'ByUser', resourceRules: [LEASES],
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...systemAccounts('*')],
  }),
  schema('system-node-high', {
    level: 'node-high', precedence: 400, by: 'ByUser', subjects: groups('system:nodes'),
    resourceRules: [{ ...inNamespaces(ALL, '', ['nodes', 'nodes/status']), clusterScope: true }, inNamespaces(ALL, 'coordination.k8s.io', ['leases'])],
  }),
  schema('system-nodes', { level: 'system', precedence: 500, by: 'ByUser', subjects: groups('system:nodes') }),
  schema('kube-controller-manager', { level: 'workload-high', precedence: 800, by: 'ByNamespace', subjects: users('system:kube-controller-manager') }),
  schema('kube-scheduler', { level: 'workload-high', precedence: 800, by: 'ByNamespace', subjects: users('system:kube-scheduler') }),
  schema('kube-system-service-accounts', { level: 'workload-high', precedence: 900, by: 'ByNamespace', subjects: systemAccounts('*') }),
  schema('service-accounts', { level: 'workload-low', precedence: 9_000, by: 'ByUser', subjects: groups('system:serviceaccounts') }),
  schema('global-default', { level: 'global-default', precedence: 9_900, by: 'ByUser', subjects: groups(...EVERYBODY) }),
];

/** In the order in which they are written. */
export const FLOW_OBJECTS: readonly KubeObject[] = [...BOOTSTRAP_LEVELS, ...BOOTSTRAP_SCHEMAS];
