import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const GROUPS = {
  core: ['/api/v1', 'v1'], policy: ['/apis/policy/v1', 'policy/v1'], node: ['/apis/node.k8s.io/v1', 'node.k8s.io/v1'], flow: ['/apis/flowcontrol.apiserver.k8s.io/v1', 'flowcontrol.apiserver.k8s.io/v1'],
  storage: ['/apis/storage.k8s.io/v1', 'storage.k8s.io/v1'], networking: ['/apis/networking.k8s.io/v1', 'networking.k8s.io/v1'],
} as const;
const LEVEL = { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } } };

for (const [group, plural, kind, more, isRefused] of [
  ['core', 'namespaces/default/serviceaccounts', 'ServiceAccount', {}, false],
  ['core', 'namespaces/default/secrets', 'Secret', {}, false],
  ['flow', 'flowschemas', 'FlowSchema', { spec: { priorityLevelConfiguration: { name: 'system' } } }, false],
  ['flow', 'prioritylevelconfigurations', 'PriorityLevelConfiguration', { spec: LEVEL }, false],
  ['networking', 'servicecidrs', 'ServiceCIDR', { spec: { cidrs: ['10.9.0.0/16'] } }, false],
  ['storage', 'storageclasses', 'StorageClass', { provisioner: 'p' }, false],
  ['policy', 'namespaces/default/poddisruptionbudgets', 'PodDisruptionBudget', { spec: { minAvailable: 1 } }, true],
  ['node', 'runtimeclasses', 'RuntimeClass', { handler: 'h' }, true],
  ['storage', 'csidrivers', 'CSIDriver', { spec: {} }, true],
] as const) {
  test(`a ${kind} ${isRefused ? 'is not' : 'is'} replaced by one that does not say which version it replaces`, async (t) => {
    const api = await openApi(t);
    const [root, apiVersion] = GROUPS[group];
    const path = `${root}/${plural}`;
    const made = await api.post(path, { apiVersion, kind, metadata: { name: 'x' }, ...more });
    t.is(made.code, 201, made.message);
    const { resourceVersion: _, ...metadata } = made.body.metadata;
    const { code, message } = await api.put(`${path}/x`, { ...made.body, metadata });
    t.is(code, isRefused ? 422 : 200, message);
    if (isRefused) t.regex(message, /metadata\.resourceVersion: Invalid value: 0: must be specified for an update$/);
  });
}
