import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import type { Clock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { InformerFactory } from '#client/informer.ts';
import { NODES, PODS, SERVICES } from '#api/resources.ts';
import { CheckpointStore } from './checkpoint/checkpoint-store.ts';
import { StoreRecovery } from './checkpoint/store-recovery.ts';
import { hasCapSysResource } from './containerd/capabilities.ts';
import { ImagePuller } from './images/image-puller.ts';
import type { NodeContext } from './pods/node-context.ts';
import { PodManager } from './pods/pod-manager.ts';
import { CriRuntime } from './runtime/cri-runtime.ts';
import { RuntimeEvents } from './runtime/runtime-events.ts';
import { LogRotation } from './server/log-rotation.ts';
import { startAgentServer } from './server/agent-server.ts';
import { NodeEventRecorder } from './status/event-recorder.ts';
import { nodeFacts } from './status/node-facts.ts';
import { NodeReporter } from './status/node-reporter.ts';
import { ObjectWatches } from './volumes/object-watches.ts';
import { TokenSource } from './volumes/token-source.ts';

export interface AgentOptions {
  readonly nodeName: string;
  readonly instance: Instance;
  /** With the node's own identity, `system:node:<name>`. */
  readonly client: Client;
  /** Over the same client. The agent declares what it needs; the caller starts it afterwards. */
  readonly informers: InformerFactory;
  readonly containerdSocket: string;
  /** HTTPS for logs, exec, attach and port-forward. PEM texts; port 0 takes a free one. */
  readonly server: { readonly host: string; readonly port: number; readonly cert: string; readonly key: string; readonly clientCa: string };
  readonly agentAddress?: string | undefined;
  readonly nodeIP: string;
  readonly podCidr: string;
  readonly network: NodeNetwork;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default 110, as Kubernetes nodes have it. */
  readonly maxPods?: number;
}

/** What the pod network owes the agent. */
export interface NodeNetwork {
  /** Resolves when sandboxes may be made: the bridge is up, the CNI configuration written. */
  ready(): Promise<void>;
  /** Addresses of the cluster's DNS; empty when there is none. */
  readonly dnsServers: readonly string[];
  /** Default `cluster.local`. */
  readonly clusterDomain?: string;
}

export interface Agent {
  /** Port of the HTTPS server. */
  readonly port: number;
  /** Ends the agent and leaves every container running. */
  close(): Promise<void>;
  /** Stops every pod, each within its own grace and at most this many seconds (default 30); their objects stay in the API. */
  stopPods(graceSeconds?: number): Promise<void>;
}

const DEFAULT_MAX_PODS = 110;

/**
 * Starts the node agent: takes up what runs already, then follows the API. Resolves when its server listens and all checkpoints are
 * taken up; neither the API nor the container runtime needs to be there yet.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const abort = new AbortController();
  const { signal } = abort;
  const { client, clock, log, nodeName, instance } = options;
  const facts = nodeFacts(hasCapSysResource());
  const runtime = new CriRuntime(options.containerdSocket, new Metadata());
  const watches = new ObjectWatches({ client, clock, log, signal });
  const checkpoints = new CheckpointStore(join(instance.dataDir, 'agent'), log);
  const services = options.informers.informer(SERVICES);
  const podInformer = options.informers.informer(PODS, { fieldSelector: `spec.nodeName=${nodeName}` });
  const context: NodeContext = {
    nodeName, hostIp: options.nodeIP, instance, client, clock, log, runtime, watches, checkpoints, signal,
    images: new ImagePuller({ runtime, objects: watches, clock }),
    tokens: new TokenSource(client, clock),
    events: new NodeEventRecorder({ client, clock, log, nodeName }),
    dns: { servers: options.network.dnsServers, clusterDomain: options.network.clusterDomain ?? 'cluster.local', resolvConf: '/etc/resolv.conf' },
    services: () => services.lister.list(),
    servicesKnown: () => services.synced(),
    networkReady: () => options.network.ready(),
    memoryBytes: facts.memoryBytes, minOomScoreAdj: facts.minOomScoreAdj,
    allocatable: { cpu: String(facts.cpuCount), memory: String(facts.memoryBytes) },
  };
  const manager: PodManager = new PodManager({ context, informer: podInformer, recovery: () => recovery });
  const server = await startAgentServer({ ...options.server, manager, runtime, clock, log });
  const reporter = new NodeReporter({
    nodeName, nodeIp: options.nodeIP, podCidr: options.podCidr, agentAddress: options.agentAddress, agentPort: () => server.port,
    maxPods: options.maxPods ?? DEFAULT_MAX_PODS, dataDir: instance.dataDir, facts, runtime, client, clock, log, signal,
    onRegister: () => void recovery.confirm().then(() => reporter.restored(recovery.storeId ?? '')).catch(() => {}),
  });
  const recovery: StoreRecovery = new StoreRecovery({
    nodeName, client, clock, log, checkpoints, signal, pods: () => manager.reportable(),
    onRestored: (storeId) => reporter.restored(storeId), onRejected: (pod, reason) => manager.reject(pod, reason),
  });
  const events = new RuntimeEvents({ socketPath: options.containerdSocket, metadata: () => new Metadata(), clock, log, onChange: (id) => manager.onRuntimeChange(id) });
  const rotation = new LogRotation({ runtime, clock, log, signal });
  events.start();
  await manager.start();
  reporter.start();
  options.informers.informer(NODES, { fieldSelector: `metadata.name=${nodeName}` }).subscribe({ onAdd: (node) => reporter.observe(node), onUpdate: (node) => reporter.observe(node) });
  rotation.start();
  void recovery.confirm().then(() => reporter.restored(recovery.storeId ?? '')).catch(() => {});
  return {
    port: server.port,
    stopPods: (graceSeconds = 30) => manager.stopPods(graceSeconds),
    close: async () => {
      await manager.close();
      abort.abort(new Error('the agent ends'));
      events.close();
      await server.close();
      runtime.close();
    },
  };
}
