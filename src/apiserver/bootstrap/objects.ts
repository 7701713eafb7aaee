import { isIPv6 } from 'node:net';
import { STORE_ID_ANNOTATION } from '#api/headway/v1/types.ts';
import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { CLUSTER_ROLE_BINDING_FACTS, CLUSTER_ROLE_FACTS, type RoleFacts } from './cluster-roles.ts';
import { ADDED_CONTROLLER_RULES, CONTROLLER_RULES } from './controller-roles.ts';
import { NAMESPACE_ROLE_FACTS } from './namespace-roles.ts';
import { PLATFORM_CONTROLLER_RULES } from './platform-controller-roles.ts';

export interface BootstrapFacts {
  /** Time stamp of what is ready from now on. */
  readonly now: string;
  readonly storeId: string;
  /** Range of the addresses of Services. */
  readonly serviceCidr: string;
  /** The first address of the service range. */
  readonly serviceAddress: string;
  readonly advertiseAddress: string;
  readonly port: number;
}

type Sketch = Omit<KubeObject, 'metadata'> & { readonly metadata: Partial<KubeObject['metadata']> & { readonly name: string } } & Readonly<Record<string, unknown>>;

const RBAC = 'rbac.authorization.k8s.io';
const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const BOOTSTRAP_METADATA = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' }, annotations: { [AUTOUPDATE]: 'true' } } as const;
const NAMESPACE_NAMES = ['default', 'kube-public', 'kube-node-lease', 'headway-system'] as const;
export const TOKEN_TRACKING = 'kube-apiserver-legacy-service-account-token-tracking';
/** Above every priority that users may give. */
const SYSTEM_PRIORITY = 2_000_000_000;

/** Everything that a new cluster holds, in the order in which it is written. */
export function bootstrapObjects(facts: BootstrapFacts): readonly Sketch[] {
  return [...namespaces(facts.storeId), ...priorityClasses(), ...roles(), ...bindings(), ...namespaceRoles(), serviceRange(facts), ...ownService(facts), tokenTracking(facts)];
}

function namespaces(storeId: string): readonly Sketch[] {
  const system: Sketch = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', annotations: { [STORE_ID_ANNOTATION]: storeId } } };
  return [system, ...NAMESPACE_NAMES.map((name): Sketch => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))];
}

function priorityClasses(): readonly Sketch[] {
  const priorityClass = (name: string, value: number, description: string): Sketch =>
    ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, preemptionPolicy: 'PreemptLowerPriority', description });
  return [
    priorityClass('system-node-critical', SYSTEM_PRIORITY + 1000, 'Used for system critical pods that must not be moved from their current node.'),
    priorityClass('system-cluster-critical', SYSTEM_PRIORITY, 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.'),
  ];
}

function roles(): readonly Sketch[] {
  const controllers = CONTROLLER_NAMES.map((name): RoleFacts => ({ name: `system:controller:${name}`, rules: [CONTROLLER_RULES, PLATFORM_CONTROLLER_RULES, ADDED_CONTROLLER_RULES].flatMap((facts) => facts[name] ?? []) }));
  return [...CLUSTER_ROLE_FACTS, ...controllers].map(({ name, rules, labels, aggregates }): Sketch => ({
    apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name, annotations: BOOTSTRAP_METADATA.annotations, labels: { ...BOOTSTRAP_METADATA.labels, ...labels } },
    ...(aggregates ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregates]: 'true' } }] } } : {}),
    // What the controller will make of it: until it runs for the first time, nobody shall stand without rights.
    rules: rules ?? aggregatedRules(aggregates ?? ''),
  }));
}

const CONTROLLER_NAMES = Object.keys({ ...PLATFORM_CONTROLLER_RULES, ...CONTROLLER_RULES, ...ADDED_CONTROLLER_RULES });

function aggregatedRules(label: string): readonly PolicyRule[] {
  return CLUSTER_ROLE_FACTS.filter((role) => role.labels?.[label] === 'true').toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap((role) => role.rules ?? aggregatedRules(role.aggregates ?? ''));
}

function namespaceRoles(): readonly Sketch[] {
  return NAMESPACE_ROLE_FACTS.flatMap(({ namespace, name, binding = name, rules, subjects }): Sketch[] => [
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { namespace, name, ...BOOTSTRAP_METADATA }, rules },
    { apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { namespace, name: binding, ...BOOTSTRAP_METADATA }, subjects, roleRef: { apiGroup: RBAC, kind: 'Role', name } },
  ]);
}

function bindings(): readonly Sketch[] {
  const binding = (name: string, role: string, subjects: readonly object[]): Sketch =>
    ({ apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name, ...BOOTSTRAP_METADATA }, subjects, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role } });
  const people = CLUSTER_ROLE_BINDING_FACTS.map(({ name, role, users = [], groups = [], accounts = [] }) =>
    binding(name, role, [...users.map((user) => ({ kind: 'User', apiGroup: RBAC, name: user })), ...groups.map((group) => ({ kind: 'Group', apiGroup: RBAC, name: group })),
      ...accounts.map((account) => ({ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }))]));
  const controllers = CONTROLLER_NAMES.map((name) => binding(`system:controller:${name}`, `system:controller:${name}`, [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }]));
  return [...people, ...controllers];
}

/** The range from which Services have their addresses, ready before any controller runs. */
const serviceRange = ({ serviceCidr, now }: BootstrapFacts): Sketch => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] }, spec: { cidrs: [serviceCidr] },
  status: { conditions: [{ type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready', lastTransitionTime: now }] },
});

/** Service `kubernetes`: how pods reach the API server. */
function ownService({ serviceAddress, advertiseAddress, port }: BootstrapFacts): readonly Sketch[] {
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const endpoints = { name: 'https', port, protocol: 'TCP' };
  return [
    {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default', labels },
      spec: { type: 'ClusterIP', clusterIP: serviceAddress, clusterIPs: [serviceAddress], ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }], sessionAffinity: 'None' },
    },
    {
      apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: advertiseAddress }], ports: [endpoints] }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: isIPv6(advertiseAddress) ? 'IPv6' : 'IPv4', endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }], ports: [endpoints],
    },
  ];
}

/** Since when uses of tokens in Secrets are written down: who cleans up waits a year from then. */
const tokenTracking = ({ now }: BootstrapFacts): Sketch => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: TOKEN_TRACKING, namespace: 'kube-system' }, data: { since: now.slice(0, 10) },
});
