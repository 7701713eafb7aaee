import { statfs } from 'node:fs/promises';
import type { Lease } from '#api/generated/coordination/v1.ts';
import type { Node, NodeCondition, NodeStatus } from '#api/generated/core/v1.ts';
import { AGENT_ADDRESS_ANNOTATION, RESTORED_ANNOTATION } from '#api/headway/v1/types.ts';
import { LEASES, NODES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { formatMicroTime, formatTime, type Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { NodeFacts } from './node-facts.ts';
import { ownAsKept, type OwnStatus, showsOwn, showsUsable, usableOfOthers } from './own-status.ts';

/** A node whose lease is older than its duration is taken for dead: four renewals may be lost. */
const LEASE_DURATION_S = 40;
const LEASE_RENEW_MS = 10_000;
const STATUS_MS = 60_000;
const RETRY_MS = 250;
/** While the runtime is down: it is restarted within moments, and no event says when it is back. */
const DOWN_CHECK_MS = 500;
const LEASE_NAMESPACE = 'kube-node-lease';
const MAX_IMAGES = 50;
const KUBERNETES_VERSION = 'v1.36.0';

export interface NodeReporterOptions {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly podCidr: string;
  /** Host where the API server reaches this agent, when it is not the node's address. */
  readonly agentAddress?: string | undefined;
  readonly agentPort: () => number;
  readonly maxPods: number;
  readonly dataDir: string;
  readonly facts: NodeFacts;
  readonly runtime: ContainerRuntime;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The API did not know the node: it is new, or the store lost it. */
  readonly onRegister: () => void;
}

/** Registers the node, keeps its status true and its lease fresh. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  #storeId: string | undefined;
  #reporting: Promise<void> | undefined;
  #isStale = false;
  #isRuntimeUp = true;
  #written: OwnStatus | undefined;
  #usableOfOthers: ReturnType<typeof usableOfOthers> = {};
  #transitions = new Map<string, { readonly status: string; readonly at: string }>();

  constructor(options: NodeReporterOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#every(() => (this.#isRuntimeUp ? STATUS_MS : DOWN_CHECK_MS), () => this.report());
    void this.#every(() => LEASE_RENEW_MS, () => this.#renewLease());
  }

  /** Takes note of the Node as the API has it: what others wrote over what the agent says is put right, and what they say that the node has beyond that can be used. */
  observe(node: Node): void {
    const shown = node.status?.conditions?.find((c) => c.type === 'Ready')?.status;
    const known = this.#transitions.get('Ready')?.status;
    const isReady = known === undefined || shown === known;
    if (this.#written !== undefined) this.#usableOfOthers = usableOfOthers(node, this.#written);
    const isShown = this.#written === undefined || (showsOwn(node, this.#written) && showsUsable(node, this.#usableOfOthers));
    if (!isReady || !isShown) void this.report().catch(() => {});
  }

  /** The store that knows this node's pods: shown on the Node, and until then a recovering control plane waits. */
  restored(storeId: string): void {
    this.#storeId = storeId;
    void this.report().catch(() => {});
  }

  /** Writes the Node as it is now. Calls that come together share one write. */
  report(): Promise<void> {
    this.#isStale = true;
    this.#reporting ??= this.#reportWhileStale().finally(() => {
      this.#reporting = undefined;
    });
    return this.#reporting;
  }

  async #reportWhileStale(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#write();
    }
  }

  async #every(periodMs: () => number, task: () => Promise<void>): Promise<void> {
    const { clock, log, signal } = this.#options;
    while (!signal.aborted) {
      let wait;
      try {
        await task();
        wait = periodMs();
      } catch (thrown) {
        if (!signal.aborted) log.debug('node report failed', { error: asError(thrown) });
        wait = RETRY_MS;
      }
      await clock.sleep(wait, signal).catch(() => {});
    }
  }

  async #write(): Promise<void> {
    const { client, nodeName, signal } = this.#options;
    const { metadata, spec } = this.#object();
    const status = await this.#status();
    try {
      await client.patch(NODES, { name: nodeName }, { type: 'merge', body: { metadata } }, { signal });
    } catch (thrown) {
      if (!isStatus(thrown, 'NotFound')) throw thrown;
      await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata, spec, status }, { signal });
      this.#options.onRegister();
    }
    const body = { status: { ...status, allocatable: { ...status.allocatable, ...this.#usableOfOthers } } };
    const kept = await client.patch(NODES, { name: nodeName }, { type: 'merge', body }, { subresource: 'status', signal });
    this.#written = ownAsKept(status, kept.status);
  }

  #object(): Pick<Node, 'spec'> & { readonly metadata: { readonly name: string; readonly labels: Record<string, string>; readonly annotations: Record<string, string> } } {
    const { nodeName, podCidr, agentAddress, facts } = this.#options;
    const { architecture, operatingSystem } = facts.info;
    return {
      metadata: {
        name: nodeName,
        labels: {
          'kubernetes.io/hostname': nodeName, 'kubernetes.io/os': operatingSystem, 'kubernetes.io/arch': architecture,
          'beta.kubernetes.io/os': operatingSystem, 'beta.kubernetes.io/arch': architecture,
        },
        annotations: {
          ...(agentAddress === undefined ? {} : { [AGENT_ADDRESS_ANNOTATION]: agentAddress }),
          ...(this.#storeId === undefined ? {} : { [RESTORED_ANNOTATION]: this.#storeId }),
        },
      },
      spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
    };
  }

  async #status(): Promise<NodeStatus> {
    const { runtime, nodeName, nodeIp, maxPods, facts, agentPort } = this.#options;
    const [version, images, disk] = await Promise.all([runtime.version().catch(asError), runtime.listImages().catch(() => []), statfs(this.#options.dataDir)]);
    this.#isRuntimeUp = !(version instanceof Error);
    const resources = { cpu: String(facts.cpuCount), memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`, pods: String(maxPods), 'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki` };
    return {
      capacity: resources, allocatable: resources,
      addresses: [{ type: 'InternalIP', address: nodeIp }, { type: 'Hostname', address: nodeName }],
      conditions: this.#conditions(version instanceof Error ? version : undefined, disk.bavail / disk.blocks),
      daemonEndpoints: { kubeletEndpoint: { Port: agentPort() } },
      nodeInfo: {
        ...facts.info, kubeletVersion: KUBERNETES_VERSION, kubeProxyVersion: '',
        containerRuntimeVersion: version instanceof Error ? '' : `${version.name}://${version.version}`,
      },
      images: images.slice(0, MAX_IMAGES).map((i) => ({ names: [...i.digests, ...i.names], sizeBytes: i.sizeBytes })),
    };
  }

  #conditions(runtimeError: Error | undefined, freeShare: number): readonly NodeCondition[] {
    // Below a tenth of free disk the kubelet calls it pressure, too.
    const hasDisk = freeShare > 0.1;
    return [
      this.#condition('MemoryPressure', false, 'NodeHasSufficientMemory', 'node has sufficient memory available'),
      this.#condition('DiskPressure', !hasDisk, hasDisk ? 'NodeHasNoDiskPressure' : 'NodeHasDiskPressure', hasDisk ? 'node has no disk pressure' : 'node has disk pressure'),
      this.#condition('PIDPressure', false, 'NodeHasSufficientPID', 'node has sufficient PID available'),
      runtimeError === undefined
        ? this.#condition('Ready', true, 'AgentReady', 'the node agent is ready')
        : this.#condition('Ready', false, 'AgentNotReady', `container runtime is down: ${runtimeError.message}`),
    ];
  }

  #condition(type: string, isTrue: boolean, reason: string, message: string): NodeCondition {
    const now = formatTime(this.#options.clock.now());
    const status = isTrue ? 'True' : 'False';
    const known = this.#transitions.get(type);
    const at = known?.status === status ? known.at : now;
    this.#transitions.set(type, { status, at });
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: at };
  }

  async #renewLease(): Promise<void> {
    const { client, nodeName, clock, signal } = this.#options;
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: LEASE_DURATION_S, renewTime: formatMicroTime(clock.now()) };
    const target = { namespace: LEASE_NAMESPACE, name: nodeName };
    try {
      await client.patch(LEASES, target, { type: 'merge', body: { spec } }, { signal });
    } catch (thrown) {
      if (!isStatus(thrown, 'NotFound')) throw thrown;
      const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: target, spec };
      await client.create(LEASES, lease, { signal });
      // A store that lost the lease has lost the node, too.
      await this.report();
    }
  }
}
