import { startAgent } from '#agents/node/agent.ts';
import { readRecord } from '#agents/node/containerd/start-containerd.ts';
import { containerdPaths } from '#agents/node/containerd/paths.ts';
import { waitForCri } from '#agents/node/containerd/cri-probe.ts';
import { importImages } from '#agents/node/images/import-images.ts';
import { buildPauseImage } from '#agents/node/images/pause-image.ts';
import { ensurePodNetwork } from '#agents/node/network/ensure-pod-network.ts';
import { startServiceProxy } from '#agents/node/proxy/service-proxy.ts';
import { ENDPOINT_SLICES, PODS, SERVICES } from '#api/resources.ts';
import { type Clock, systemClock } from '#base/clock.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { connectToApi, localServer, readCredentials } from '../api-connection.ts';
import type { ClusterOptions } from '../up-options.ts';
import { localImages } from './local-images.ts';
import type { RunningAgent } from './main.ts';

const CONTAINERD_TIMEOUT_MS = 60_000;
const RETRY_MS = 250;

/** The agent of this machine, with its pod network and its service rules. */
export async function startRealAgent(options: ClusterOptions, log: Logger): Promise<RunningAgent> {
  const instance = instanceOf(options.dataDir);
  const clock = systemClock;
  const credentials = readCredentials(options.dataDir, `node-${options.nodeName}`);
  const { client, close } = connectToApi(localServer(options), credentials, 'headway-agent');
  const informers = createInformerFactory({ client, log, clock });
  const services = informers.informer(SERVICES);
  const endpointSlices = informers.informer(ENDPOINT_SLICES);
  const pods = informers.informer(PODS, { fieldSelector: `spec.nodeName=${options.nodeName}` });
  const podCidr = nodeCidr(options.podCidr);
  const running = new AbortController();
  const { signal } = running;
  const network = untilDone('the node cannot run pods yet', () => prepareNode({ options, instance, podCidr, clock, log }), { clock, log, signal });
  const agent = await startAgent({
    nodeName: options.nodeName, instance, client, informers, clock, log, podCidr, nodeIP: options.advertiseAddress, agentAddress: '127.0.0.1',
    containerdSocket: containerdPaths(instance).socketPath,
    server: { host: '127.0.0.1', port: options.agentPort, cert: credentials.cert, key: credentials.key, clientCa: credentials.ca },
    network: { ready: () => network, dnsServers: [] },
  });
  informers.start(signal);
  const serviceIP = serviceAddress(options.serviceCidr);
  const startProxy = () => startServiceProxy({
    services, endpointSlices, pods, nodeName: options.nodeName, instance, podCidr, serviceCidr: options.serviceCidr, clock, log,
    localApi: { serviceIP, host: '127.0.0.1', port: options.apiPort },
  });
  const proxy = network.then(() => untilDone('the service rules cannot be written yet', startProxy, { clock, log, signal }));
  // Reported at each try; it rejects only when the agent ends.
  proxy.catch(() => undefined);
  return {
    stopPods: () => agent.stopPods(),
    async close() {
      await agent.close();
      running.abort(new Error('the agent ends'));
      await proxy.then((p) => p.stop(), () => undefined);
      await close();
    },
  };
}

interface NodePreparation {
  readonly options: ClusterOptions;
  readonly instance: Instance;
  readonly podCidr: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Bridge, CNI configuration, and the images that no registry has; after that, sandboxes can be made. */
async function prepareNode({ options, instance, podCidr, clock, log }: NodePreparation): Promise<void> {
  const images = localImages(options, log);
  await ensurePodNetwork({ instance, podCidr, clusterCidr: options.podCidr, serviceCidr: options.serviceCidr, log });
  const { socketPath, recordFile } = containerdPaths(instance);
  if (!(await waitForCri(socketPath, clock, CONTAINERD_TIMEOUT_MS))) throw new Error(`containerd does not answer on ${socketPath}`);
  const snapshotter = readRecord(recordFile)?.snapshotter ?? 'overlayfs';
  await importImages({ images: [buildPauseImage(), ...(await images)], socketPath, snapshotter, clock, log });
}

/** Tries until it works or the agent ends: what a node needs, such as containerd, may be restarting at this moment. */
async function untilDone<T>(problem: string, task: () => Promise<T>, { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal }): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await task();
    } catch (error) {
      log.warn(problem, { error });
      await clock.sleep(RETRY_MS, signal);
    }
  }
}

/** The first /24 of the cluster's range: a single machine needs one. */
const nodeCidr = (clusterCidr: string): string => `${clusterCidr.split('/')[0]}/24`;
const serviceAddress = (serviceCidr: string): string => `${serviceCidr.split('.').slice(0, 3).join('.')}.1`;
