import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { humanDuration } from '#api/table/format.ts';
import { tableColumns, tableRow } from '#api/table/index.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const row = (resource: ResourceType, body: object, metadata: object = {}): readonly unknown[] =>
  tableRow(resource, { metadata: { name: 'a', creationTimestamp: '2026-01-01T23:58:30Z', ...metadata }, ...body } as KubeObject, NOW);

for (const [seconds, text] of [[-5, '<invalid>'], [0, '0s'], [119, '119s'], [120, '2m'], [200, '3m20s'], [600, '10m'], [10_000, '166m'], [10_860, '3h1m'], [30_000, '8h'], [172_800, '2d'], [187_200, '2d4h'], [700_000, '8d'], [70_000_000, '2y80d'], [300_000_000, '9y']] as const) {
  test(`${seconds} seconds are shown as ${text}`, (t) => { t.is(humanDuration(seconds * 1000), text); });
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
  ['evicted', { spec, status: { phase: 'Failed', reason: 'Evicted' } }, {}, ['0/1', 'Evicted', '0']],
] as const) {
  test(`a pod that is ${name}`, (t) => { t.deepEqual(row(resources.PODS, body, metadata).slice(1, 4), [...cells]); });
}

for (const [resource, body, cells] of [
  [resources.DEPLOYMENTS, { spec: { replicas: 3, selector: { matchLabels: { app: 'x' } }, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } }, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 } }, ['a', '2/3', 3, 2, '90s', 'c', 'i', 'app=x']],
  [resources.SERVICES, { spec: { type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }] } }, ['a', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP,53/UDP', '90s', '<none>']],
  [resources.SERVICES, { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }, ['a', 'LoadBalancer', '10.0.0.1', '<pending>', '<none>', '90s', '<none>']],
  [resources.CONFIG_MAPS, { data: { a: '', b: '' }, binaryData: { c: '' } }, ['a', 3, '90s']],
  [resources.JOBS, { spec: { completions: 2 }, status: { succeeded: 1, startTime: '2026-01-01T23:59:50Z' } }, ['a', 'Running', '1/2', '10s', '90s', '', '', '<none>']],
  [resources.NODES, { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1' } } }, ['a', 'Ready,SchedulingDisabled', '<none>', '90s', 'v1', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>']],
  [resources.APPLICATIONS, { spec: { repository: 'r' }, status: { syncedRevision: '0123456789', conditions: [{ type: 'Synced', status: 'True' }, { type: 'Healthy', status: 'False', message: 'm' }] } }, ['a', 'r', '.', 'True', 'False', '0123456', '90s', '0', '<unset>', 'm']],
  [resources.ROLES, {}, ['a', '2026-01-01T23:58:30Z']],
] as const) {
  test(`a ${resource.kind} is shown as ${cells.join(' ')}`, (t) => { t.deepEqual<readonly unknown[], readonly unknown[]>(row(resource, body), cells); });
}

test('every kind has a cell for each column, whatever it lacks', (t) => {
  for (const resource of resources.BUILT_IN_RESOURCES) t.is(row(resource, {}).length, tableColumns(resource).length, resource.kind);
});

test('only the name has a format, wide columns have priority 1', (t) => {
  t.deepEqual(tableColumns(resources.PODS).map((c) => [c.name, c.type, c.format, c.priority]).slice(0, 6), [
    ['Name', 'string', 'name', 0], ['Ready', 'string', '', 0], ['Status', 'string', '', 0], ['Restarts', 'string', '', 0], ['Age', 'string', '', 0], ['IP', 'string', '', 1]]);
});
