import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { humanDuration } from '#api/table/format.ts';
import { inRowOrder, rowConditions, tableColumns, tableRow } from '#api/table/index.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const row = (resource: ResourceType, body: object, metadata: object = {}): readonly unknown[] =>
  tableRow(resource, { metadata: { name: 'a', creationTimestamp: '2026-01-01T23:58:30Z', ...metadata }, ...body } as KubeObject, NOW);

for (const [seconds, text] of [[-5, '<invalid>'], [0, '0s'], [119, '119s'], [120, '2m'], [200, '3m20s'], [600, '10m'], [10_000, '166m'], [10_860, '3h1m'], [30_000, '8h'], [172_800, '2d'], [187_200, '2d4h'], [700_000, '8d'], [70_000_000, '2y80d'], [300_000_000, '9y']] as const) {
  test(`${seconds} seconds are shown as ${text}`, (t) => { t.is(humanDuration(seconds * 1000), text); });
}

for (const [hosts, text] of [[['a', 'b'], 'a,b'], [['a', 'b', 'c', 'd'], 'a,b,c + 1 more...'], [['', 'a', 'b', 'c'], 'a,b,c'], [['', '', '', 'a'], 'a'], [[''], '*'], [['a', 'b', 'c', ''], 'a,b,c + 1 more...']] as const) {
  test(`the hosts of an ingress, ${JSON.stringify(hosts)}`, (t) => { t.is(row(resources.INGRESSES, { spec: { rules: hosts.map((host) => (host === '' ? {} : { host })) } })[2], text); });
}

const spec = { containers: [{ name: 'c' }], nodeName: 'n' };
const state = (container: object, more: object = {}): object => ({ containerStatuses: [{ name: 'c', ready: false, restartCount: 0, state: container, ...more }] });
for (const [name, body, metadata, cells] of [
  ['pending', { spec: { containers: [{ name: 'c' }] }, status: { phase: 'Pending' } }, {}, ['0/1', 'Pending', '0']],
  ['running', { spec, status: { phase: 'Running', ...state({ running: {} }, { ready: true }) } }, {}, ['1/1', 'Running', '0']],
  ['crashing', { spec, status: { phase: 'Running', ...state({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3, lastState: { terminated: { finishedAt: '2026-01-01T23:59:00Z' } } }) } }, {}, ['0/1', 'CrashLoopBackOff', '3 (60s ago)']],
  ['ended', { spec, status: { phase: 'Failed', ...state({ terminated: { exitCode: 3 } }) } }, {}, ['0/1', 'ExitCode:3', '0']],
  ['in its init containers', { spec: { ...spec, initContainers: [{ name: 'i' }, { name: 'j' }] }, status: { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 0 } } }, { name: 'j', state: { running: {} } }] } }, {}, ['0/1', 'Init:1/2', '0']],
  ['gated', { spec, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } }, {}, ['0/1', 'SchedulingGated', '0']],
  ['leaving', { spec, status: { phase: 'Running', ...state({ running: {} }, { ready: true }) } }, { deletionTimestamp: 'x' }, ['1/1', 'Terminating', '0']],
  ['without a phase', { spec, status: {} }, {}, ['0/1', '', '0']],
  ['evicted', { spec, status: { phase: 'Failed', reason: 'Evicted' } }, {}, ['0/1', 'Evicted', '0']],
] as const) {
  test(`a pod that is ${name}`, (t) => { t.deepEqual(row(resources.PODS, body, metadata).slice(1, 4), [...cells]); });
}

for (const [resource, body, cells] of [
  [resources.DEPLOYMENTS, { spec: { replicas: 3, selector: { matchLabels: { app: 'x' } }, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } }, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 } }, ['a', '2/3', 3, 2, '90s', 'c', 'i', 'app=x']],
  [resources.SERVICES, { spec: { type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }] } }, ['a', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP,53/UDP', '90s', '<none>']],
  [resources.SERVICES, { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }, ['a', 'LoadBalancer', '10.0.0.1', '<pending>', '<none>', '90s', '<none>']],
  [resources.SERVICES, { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', externalIPs: ['1.1.1.1'] }, status: { loadBalancer: { ingress: [{ hostname: 'lb' }, { ip: '9.9.9.9' }, { ip: '9.9.9.9' }] } } }, ['a', 'LoadBalancer', '10.0.0.1', '9.9.9.9,lb,1.1.1.1', '<none>', '90s', '<none>']],
  [resources.CONFIG_MAPS, { data: { a: '', b: '' }, binaryData: { c: '' } }, ['a', 3, '90s']],
  [resources.JOBS, { spec: { completions: 2 }, status: { succeeded: 1, startTime: '2026-01-01T23:59:50Z' } }, ['a', 'Running', '1/2', '10s', '90s', '', '', '<none>']],
  [resources.NODES, { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1' } } }, ['a', 'Ready,SchedulingDisabled', '<none>', '90s', 'v1', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>']],
  [resources.NODES, { status: { nodeInfo: { kernelVersion: 'k', architecture: 'arm64' } } }, ['a', 'Unknown', '<none>', '90s', '', '<none>', '<none>', '<unknown>', 'k (arm64)', '<unknown>']],
  [resources.SERVICE_ACCOUNTS, { secrets: [{ name: 's' }] }, ['a', '90s']],
  [resources.APPLICATIONS, { spec: { repository: 'r' }, status: { syncedRevision: '0123456789', conditions: [{ type: 'Synced', status: 'True' }, { type: 'Healthy', status: 'False', message: 'm' }] } }, ['a', 'r', '.', 'True', 'False', '0123456', '90s', '0', '<unset>', 'm']],
  [resources.ROLES, {}, ['a', '2026-01-01T23:58:30Z']],
  [resources.EVENTS, { involvedObject: { kind: 'Pod' }, source: { component: 'c' }, type: 'Normal', reason: 'R', firstTimestamp: '2026-01-01T23:59:40Z', eventTime: '2026-01-01T23:59:50.000000Z', count: 2 }, ['20s', 'Normal', 'R', 'pod', '', 'c', '', '20s', 2, 'a']],
  [resources.EVENTS, { involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'f' }, reportingComponent: 'c', reportingInstance: 'h', type: 'Normal', reason: 'R', message: ' m\n', eventTime: '2026-01-01T23:59:50.000000Z' }, ['10s', 'Normal', 'R', 'pod/p', 'f', 'c, h', 'm', '10s', 1, 'a']],
  [resources.EVENTS_V1, { regarding: { kind: 'Node' }, reportingController: 'c', type: 'Normal', reason: 'R', note: 'm', eventTime: '2026-01-01T23:59:50.000000Z', series: { count: 3, lastObservedTime: '2026-01-01T23:59:55.000000Z' } }, ['5s', 'Normal', 'R', 'node', '', 'c', 'm', '10s', 3, 'a']],
  [resources.PERSISTENT_VOLUMES, { spec: { accessModes: ['ReadWriteMany', 'ReadWriteOnce'], storageClassName: 's' } }, ['a', '0', 'RWO,RWX', '', '', '', 's', '<unset>', '', '90s', '<unset>']],
  [resources.PERSISTENT_VOLUME_CLAIMS, { spec: { volumeName: 'v' }, status: { phase: 'Bound' } }, ['a', 'Bound', 'v', '0', '', '', '<unset>', '90s', '<unset>']],
  [resources.IP_ADDRESSES, { spec: { parentRef: { resource: 'services', namespace: 'n', name: 's' } } }, ['a', 'services/n/s']],
  [resources.IP_ADDRESSES, { spec: { parentRef: { group: 'x.io', resource: 'Things', name: 's' } } }, ['a', 'things.x.io/s']],
  [resources.CERTIFICATE_SIGNING_REQUESTS, { spec: { expirationSeconds: 3600, username: 'u' } }, ['a', '90s', '<none>', 'u', '60m', 'Pending']],
  [resources.RESOURCE_QUOTAS, { status: { hard: { 'limits.cpu': '2', pods: '3', limitsish: '4' } } }, ['a', 'limitsish: 0/4, pods: 0/3', 'limits.cpu: 0/2', '90s']],
  [resources.ENDPOINTS, { subsets: [{ addresses: [{ ip: 'fd00::1' }, { ip: '10.0.0.1' }], ports: [{ port: 80 }] }, { addresses: [{ ip: 'fd00::2' }, { ip: 'fd00::3' }] }] }, ['a', '[fd00::1]:80,10.0.0.1:80,fd00::2 + 1 more...', '90s']],
  [resources.ENDPOINTS, { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }, ['a', '', '90s']],
  [resources.ENDPOINTS, { subsets: [] }, ['a', '<none>', '90s']],
  [resources.ENDPOINT_SLICES, { addressType: 'IPv4', endpoints: [], ports: [{ name: 'http' }, {}] }, ['a', 'IPv4', 'http,*', '<unset>', '90s']],
  [resources.HORIZONTAL_POD_AUTOSCALERS, { spec: { scaleTargetRef: { kind: 'D', name: 'd' }, maxReplicas: 3, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: {} } }, { type: 'External', external: { target: { averageValue: '5' } } }, { type: 'Pods', pods: { target: { averageValue: '5' } } }] } }, ['a', 'D/d', 'cpu: <unknown>/<auto>, <unknown>/5 (avg) + 1 more...', '<unset>', 3, 0, '90s']],
  [resources.VOLUME_ATTRIBUTES_CLASSES, { driverName: 'd' }, ['a', 'd', '90s']],
  [resources.PRIORITY_LEVELS, { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5 } } }, ['a', 'Limited', 5, '<none>', '<none>', '<none>', '90s']],
] as const) {
  test(`a ${resource.kind} is shown as ${cells.join(' ')}`, (t) => { t.deepEqual<readonly unknown[], readonly unknown[]>(row(resource, body), cells); });
}

test('the class that is the default is marked', (t) => {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true', 'storageclass.kubernetes.io/is-default-class': 'true' };
  for (const resource of [resources.INGRESS_CLASSES, resources.STORAGE_CLASSES]) t.is(row(resource, {}, { annotations })[0], 'a (default)');
});

test('every kind has a cell for each column, whatever it lacks', (t) => {
  for (const resource of resources.BUILT_IN_RESOURCES) t.is(row(resource, {}).length, tableColumns(resource).length, resource.kind);
});

for (const [resource, columns] of [
  [resources.DEPLOYMENTS, 'Name Ready Up-to-date Available Age Containers* Images* Selector*'],
  [resources.REPLICA_SETS, 'Name Desired:integer Current:integer Ready:integer Age Containers* Images* Selector*'],
  [resources.CRON_JOBS, 'Name Schedule Timezone Suspend:boolean Active:integer Last_Schedule Age Containers* Images* Selector*'],
  [resources.SECRETS, 'Name Type Data Age'],
  [resources.SERVICE_ACCOUNTS, 'Name Age'],
  [resources.EVENTS_V1, 'Last_Seen Type Reason Object Subobject* Source* Message First_Seen* Count* Name*'],
  [resources.HORIZONTAL_POD_AUTOSCALERS, 'Name Reference Targets MinPods MaxPods Replicas Age'],
  [resources.VOLUME_ATTACHMENTS, 'Name Attacher PV Node Attached:boolean Age'],
  [resources.CSI_DRIVERS, 'Name AttachRequired:boolean PodInfoOnMount:boolean StorageCapacity:boolean TokenRequests RequiresRepublish:boolean Modes Age'],
  [resources.PRIORITY_CLASSES, 'Name Value:integer Global-Default:boolean Age PreemptionPolicy'],
  [resources.FLOW_SCHEMAS, 'Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL'],
  [resources.CLUSTER_ROLES, 'Name Created_At:date'],
] as const) {
  test(`the columns of ${resource.plural} (${resource.group})`, (t) => {
    t.is(tableColumns(resource).map((c) => `${c.name.replaceAll(' ', '_')}${c.type === 'string' ? '' : `:${c.type}`}${c.priority === 1 ? '*' : ''}`).join(' '), columns);
  });
}

test('a row says that a pod has ended, and flow schemas stand in the order in which they match', (t) => {
  const pod = (phase: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: { phase } }) as KubeObject;
  t.is(rowConditions(resources.PODS, pod('Running')), undefined);
  t.deepEqual(rowConditions(resources.PODS, pod('Failed')), [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }]);
  const schema = (name: string, matchingPrecedence: number): KubeObject => ({ apiVersion: 'x', kind: 'FlowSchema', metadata: { name }, spec: { matchingPrecedence } }) as KubeObject;
  t.deepEqual(inRowOrder(resources.FLOW_SCHEMAS, [schema('a', 9), schema('c', 1), schema('b', 1)]).map((s) => s.metadata.name), ['b', 'c', 'a']);
});

test('only the name has a format, wide columns have priority 1', (t) => {
  t.deepEqual(tableColumns(resources.PODS).map((c) => [c.name, c.type, c.format, c.priority]).slice(0, 6), [
    ['Name', 'string', 'name', 0], ['Ready', 'string', '', 0], ['Status', 'string', '', 0], ['Restarts', 'string', '', 0], ['Age', 'string', '', 0], ['IP', 'string', '', 1]]);
});

test('each column of what Kubernetes has too says what it means', (t) => {
  const ofKubernetes = resources.BUILT_IN_RESOURCES.filter(({ group }) => group !== 'headway.dev');
  t.deepEqual(ofKubernetes.flatMap((resource) => tableColumns(resource).filter((column) => column.description === '').map((column) => `${resource.kind}: ${column.name}`)), []);
});

for (const [resource, column, text] of [
  [resources.PODS, 'Ready', 'The aggregate readiness state of this pod for accepting traffic.'],
  [resources.PODS, 'IP', 'podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.'],
  [resources.PODS, 'Age', /^CreationTimestamp is a timestamp/],
  [resources.ROLES, 'Created At', /^CreationTimestamp is a timestamp/],
  [resources.SERVICES, 'Type', /^type determines how the Service is exposed\. .*service-types$/],
  [resources.NODES, 'Version', /^Kubelet Version/],
  [resources.APPLICATIONS, 'Repository', 'Name of a Repository in the same namespace.'],
] as const) {
  test(`the column ${column} of a ${resource.kind} is described`, (t) => {
    const { description = '' } = tableColumns(resource).find(({ name }) => name === column) ?? {};
    t.true(typeof text === 'string' ? description === text : text.test(description), description);
  });
}
