import test from 'ava';
import type { Node, Pod, Taint, Toleration } from '#api/generated/core/v1.ts';
import { evictionDelayMs } from '#controllers/node-lifecycle/eviction.ts';
import { silentConditions, wantedTaints } from '#controllers/node-lifecycle/health.ts';

const NOW = '2026-01-01T00:00:00Z';
const NOW_MS = Date.parse(NOW);
const node = (ready: string | undefined, taints: readonly Taint[] = [], unschedulable = false): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints, unschedulable },
  status: { conditions: ready === undefined ? [] : [{ type: 'Ready', status: ready }, { type: 'MemoryPressure', status: 'False' }] },
});
const keys = (taints: readonly Taint[]): readonly string[] => taints.map((t) => `${t.key.split('/')[1]}:${t.effect}`);

const TAINTS: readonly (readonly [string, Node, readonly string[]])[] = [
  ['ready', node('True'), []],
  ['not ready', node('False'), ['not-ready:NoSchedule', 'not-ready:NoExecute']],
  ['silent', node('Unknown'), ['unreachable:NoSchedule', 'unreachable:NoExecute']],
  ['new', node(undefined), ['not-ready:NoSchedule']],
  ['cordoned', node('True', [], true), ['unschedulable:NoSchedule']],
  ['ready again', node('True', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]), []],
];
for (const [what, n, expected] of TAINTS) test(`taints of a node that is ${what}`, (t) => t.deepEqual(keys(wantedTaints(n, NOW)), expected));

test('taints of others stay, and nothing to change is the same array', (t) => {
  const others: readonly Taint[] = [{ key: 'dedicated', value: 'x', effect: 'NoExecute' }];
  const ready = node('True', others);
  t.is(wantedTaints(ready, NOW), others);
  t.deepEqual(wantedTaints(node('Unknown', others), NOW)[0], others[0]);
});

test('a silent node has unknown conditions, once', (t) => {
  const conditions = silentConditions(node('True'), NOW);
  t.deepEqual(conditions.map((c) => `${c.type}=${c.status}`).toSorted(), ['DiskPressure=Unknown', 'MemoryPressure=Unknown', 'PIDPressure=Unknown', 'Ready=Unknown']);
  const silent = { ...node('True'), status: { conditions } };
  t.is(silentConditions(silent, '2026-01-01T01:00:00Z'), conditions);
});

const UNREACHABLE: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: '2025-12-31T23:59:00Z' };
const pod = (...tolerations: readonly Toleration[]): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [], tolerations } });
const EVICTIONS: readonly (readonly [string, Pod, readonly Taint[], number | undefined])[] = [
  ['no taint', pod(), [], undefined],
  ['a taint that only keeps new pods away', pod(), [{ key: 'a', effect: 'NoSchedule' }], undefined],
  ['a taint that is not tolerated', pod(), [UNREACHABLE], 0],
  ['a taint that is tolerated for good', pod({ operator: 'Exists' }), [UNREACHABLE], undefined],
  ['a taint that is tolerated for 300 s, 60 s ago', pod({ key: UNREACHABLE.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }), [UNREACHABLE], 240_000],
  ['a taint whose time is over', pod({ key: UNREACHABLE.key, operator: 'Exists', tolerationSeconds: 30 }), [UNREACHABLE], 0],
];
for (const [what, p, taints, expected] of EVICTIONS) test(`eviction for ${what}`, (t) => t.is(evictionDelayMs(p, taints, NOW_MS), expected));
