/**
 * Scheduling throughput of a running API, Headway's or Kubernetes': creates bare nodes, then pods, and waits until all are bound.
 * `node test/bench/schedule.ts --kubeconfig FILE [--nodes 1000] [--pods 3000] [--kind basic|spread|anti] [--keep]`
 * (or `--server URL --token TOKEN --ca FILE`). Prints pods/s from the first create to the last binding, beside the rate of the
 * creates alone, which is the most that any scheduler can reach; then deletes what it made.
 */
import { parseArgs } from 'node:util';
import type { Node, Pod, PodSpec } from '#api/generated/core/v1.ts';
import { LEASES, NODES, PODS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { formatMicroTime, formatTime, systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { connect } from './connection.ts';

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' }, server: { type: 'string' }, token: { type: 'string' }, ca: { type: 'string' },
    nodes: { type: 'string', default: '1000' }, pods: { type: 'string', default: '3000' }, kind: { type: 'string', default: 'basic' },
    namespace: { type: 'string', default: 'default' }, 'time-limit': { type: 'string', default: '120' }, keep: { type: 'boolean', default: false },
  },
});

const LABEL = 'headway.dev/bench';
const CONNECTIONS = 4;
const IN_FLIGHT = 32;
/** Nodes have no agent that renews their leases. */
const LEASE_DURATION_S = 4_000;
const RESOURCES = { cpu: '32', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };
const SELECTOR = { matchLabels: { [LABEL]: 'pod' } };
const KINDS: Readonly<Record<string, Partial<PodSpec>>> = {
  basic: {},
  spread: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: SELECTOR }] },
  anti: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: SELECTOR }] } } },
};

const { namespace } = values;
const kind = KINDS[values.kind];
if (kind === undefined) throw new Error(`--kind must be one of ${Object.keys(KINDS).join(', ')}, not ${values.kind}`);
const nodeCount = Number(values.nodes);
const podCount = Number(values.pods);
const run = Date.now().toString(36);
const podNames = Array.from({ length: podCount }, (_, i) => `bench-${run}-${i}`);
const nodeNames = Array.from({ length: nodeCount }, (_, i) => `bench-${run}-${i}`);
const clients = connect(values, CONNECTIONS);

await inParallel(nodeNames, createNode);
const stop = new AbortController();
const bound = await watchBindings(clients[0] as Client, stop.signal);
const start = performance.now();
await inParallel(podNames, (client, name) => client.create(PODS, benchPod(name)));
const createdMs = performance.now() - start;
const limit = AbortSignal.timeout(Number(values['time-limit']) * 1000);
await Promise.race([bound.all, new Promise((resolve) => limit.addEventListener('abort', resolve))]);
const boundMs = performance.now() - start;
const rate = (count: number, ms: number): string => `${count} in ${(ms / 1000).toFixed(2)} s (${Math.round((count / ms) * 1000)}/s)`;
process.stdout.write(`${values.kind}, ${nodeCount} nodes: created ${rate(podCount, createdMs)}, bound ${rate(bound.count(), boundMs)}\n`);
stop.abort();
if (!values.keep) {
  await inParallel(podNames, (client, name) => ifPresent(client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 })));
  await inParallel(nodeNames, async (client, name) => {
    await ifPresent(client.delete(NODES, { name }));
    await ifPresent(client.delete(LEASES, { namespace: 'kube-node-lease', name }));
  });
}
process.exit(bound.count() === podCount ? 0 : 1);

async function createNode(client: Client, name: string, index: number): Promise<void> {
  const now = formatTime(Date.now());
  const node: Node = {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${index % 3}`, [LABEL]: 'node' } },
    spec: {},
    status: {
      capacity: RESOURCES, allocatable: RESOURCES,
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: now, lastTransitionTime: now }],
    },
  };
  await client.create(NODES, node);
  await client.create(LEASES, {
    apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_DURATION_S, renewTime: formatMicroTime(Date.now()) },
  });
}

function benchPod(name: string): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { [LABEL]: 'pod' } },
    spec: {
      nodeSelector: { [LABEL]: 'node' }, tolerations: [{ operator: 'Exists' }], terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'none', resources: { requests: { cpu: '100m', memory: '128Mi' } } }], ...kind,
    },
  };
}

/** Counts this run's pods that have a node. Resolves when the watch is on. */
async function watchBindings(client: Client, signal: AbortSignal) {
  const names = new Set<string>();
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const note = ({ metadata, spec }: Pod): void => {
    if (!spec?.nodeName || !metadata.name?.startsWith(`bench-${run}-`)) return;
    names.add(metadata.name);
    if (names.size === podCount) resolve();
  };
  const informers = createInformerFactory({ client, log: silentLogger, clock: systemClock });
  informers.informer(PODS, { namespace, labelSelector: `${LABEL}=pod` }).subscribe({ onAdd: note, onUpdate: note });
  informers.start(signal);
  await informers.synced();
  return { all, count: () => names.size };
}

async function ifPresent(deletion: Promise<unknown>): Promise<void> {
  await deletion.catch((error: unknown) => {
    if (!isStatus(error, 'NotFound')) throw error;
  });
}

async function inParallel(names: readonly string[], task: (client: Client, name: string, index: number) => Promise<unknown>): Promise<void> {
  const entries = names.entries();
  await Promise.all(Array.from({ length: IN_FLIGHT }, async (_, worker) => {
    for (const [index, name] of entries) await task(clients[worker % CONNECTIONS] as Client, name, index);
  }));
}
