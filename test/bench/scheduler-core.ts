/**
 * The scheduling cycle alone, without an API: `node test/bench/scheduler-core.ts [--pods 3000]`.
 * Prints pods/s for each kind of pod at 1,000 and 5,000 nodes.
 */
import { parseArgs } from 'node:util';
import type { PodSpec } from '#api/generated/core/v1.ts';
import { buildAlgorithm, buildCluster, buildInfo, buildNode } from '#test/unit/scheduler/builders.ts';

const { values } = parseArgs({ options: { pods: { type: 'string', default: '3000' } } });

const LABELS = { bench: 'p' };
const KINDS: Readonly<Record<string, Partial<PodSpec>>> = {
  basic: {},
  spread: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: LABELS } }] },
  'spread-hard': { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: LABELS } }] },
  anti: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: LABELS } }] } } },
};

function run(kind: string, nodes: number, wanted: number): void {
  const cluster = buildCluster(
    Array.from({ length: nodes }, (_, i) =>
      buildNode(`sim-${i}`, { allocatable: { cpu: '32', memory: '64Gi' }, labels: { bench: 'sim', 'topology.kubernetes.io/zone': `z${i % 3}` } }),
    ),
  );
  const algorithm = buildAlgorithm();
  const pods = kind === 'anti' ? Math.min(wanted, Math.floor(nodes * 0.8)) : wanted;
  const spec = { nodeSelector: { bench: 'sim' }, tolerations: [{ operator: 'Exists' as const }], ...KINDS[kind] };
  const start = performance.now();
  for (let i = 0; i < pods; i += 1) {
    const pod = buildInfo(`b-${i}`, { labels: LABELS, requests: { cpu: '100m', memory: '128Mi' }, spec });
    const decision = algorithm.decide({ pod, snapshot: cluster });
    if (decision.type === 'reject') throw new Error(`pod ${i} of ${kind} was rejected`);
    cluster.assume(pod, decision.nodeName);
  }
  const ms = performance.now() - start;
  process.stdout.write(`${kind.padEnd(12)} ${String(nodes).padStart(5)} nodes ${pods} pods: ${Math.round((pods / ms) * 1000)} pods/s, ${Math.round((ms / pods) * 1000)} us a pod\n`);
}

for (const nodes of [1000, 5000]) for (const kind of Object.keys(KINDS)) run(kind, nodes, Number(values.pods));
