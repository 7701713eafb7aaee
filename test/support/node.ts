import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import { startAgent, type Agent } from '#agents/node/agent.ts';
import { resetNode } from '#agents/node/cleanup/reset-node.ts';
import { startContainerd, type Containerd } from '#agents/node/containerd/start-containerd.ts';
import { importImages } from '#agents/node/images/import-images.ts';
import { buildOciArchive } from '#agents/node/images/oci-archive.ts';
import { buildPauseImage } from '#agents/node/images/pause-image.ts';
import { ensurePodNetwork } from '#agents/node/network/ensure-pod-network.ts';
import { CriRuntime } from '#agents/node/runtime/cri-runtime.ts';
import { run } from '#agents/node/system/run.ts';
import type { Container, Pod, PodSpec } from '#api/generated/core/v1.ts';
import { STORE_ID_ANNOTATION } from '#api/headway/v1/types.ts';
import { NAMESPACES, PODS } from '#api/resources.ts';
import { systemClock } from '#base/clock.ts';
import { instanceOf } from '#base/instance.ts';
import { createLogger, silentLogger } from '#base/logger.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { MemoryApi } from './memory-api.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait.ts';

export const NODE_NAME = 'node-a';
export const IMAGE = 'headway.local/busybox:1';

/** A node with its own containerd and an API in memory. `network`: pods get addresses on a bridge. */
export async function startNode(options: { readonly network?: boolean } = {}) {
  const log = process.env['AGENT_TEST_LOG'] ? createLogger({ level: 'debug' }) : silentLogger;
  const dataDir = temporaryDirectory('headway-agent');
  const instance = instanceOf(dataDir);
  const id = Number.parseInt(instance.bridge.slice(-2), 16);
  const podCidr = `10.235.${id}.0/24`;
  let agent: Agent | undefined;
  let informers = new AbortController();
  const close = async (): Promise<void> => {
    await agent?.close();
    informers.abort();
    await resetNode(instance, silentLogger);
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    let containerd: Containerd = await startContainerd({ instance, log });
    await importTestImages(containerd);
    if (options.network) await ensurePodNetwork({ instance, podCidr, serviceCidr: `10.236.${id}.0/24`, log });
    const pki = await makeCertificates(dataDir);
    const api = new MemoryApi();
    await api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', annotations: { [STORE_ID_ANNOTATION]: 'store-1' } } });

    const runtime = new CriRuntime(containerd.socketPath, new Metadata());
    const start = async (): Promise<Agent> => {
      informers = new AbortController();
      const factory = createInformerFactory({ client: api, log, clock: systemClock });
      agent = await startAgent({
        nodeName: NODE_NAME, instance, client: api, informers: factory, containerdSocket: containerd.socketPath,
        server: { host: '127.0.0.1', port: 0, cert: pki.cert, key: pki.key, clientCa: pki.ca },
        nodeIP: '127.0.0.1', podCidr, network: { ready: async () => {}, dnsServers: [] }, clock: systemClock, log,
      });
      factory.start(informers.signal);
      return agent;
    };
    const stop = async (): Promise<void> => {
      await agent?.close();
      informers.abort();
      agent = undefined;
    };
    return {
      runtime: () => runtime,
      instance, api, pki, start, stop, close,
      get agentPort() { return agent?.port ?? 0; },
      get containerd() { return containerd; },
      restartContainerd: async () => {
        process.kill(containerd.pid, 'SIGKILL');
        await containerd.exited;
        containerd = await startContainerd({ instance, log });
      },
      pod: (name: string): Pod | undefined => api.objects(PODS).find((p) => p.metadata.name === name),
      until: (name: string, what: string, isSo: (pod: Pod) => boolean, timeoutMs = 15_000): Promise<Pod> =>
        waitFor(() => api.objects(PODS).find((p) => p.metadata.name === name && isSo(p)), {
          timeoutMs, what: `${name} ${what}`,
        }).catch((error: Error) => {
          throw new Error(`${error.message}; last status ${JSON.stringify(api.objects(PODS).find((p) => p.metadata.name === name)?.status)}`);
        }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function importTestImages(containerd: Containerd): Promise<void> {
  const names = ['sh', 'sleep', 'cat', 'echo', 'httpd', 'nc', 'id', 'env', 'touch', 'mkdir', 'ls', 'true', 'false', 'kill', 'head', 'tail', 'seq', 'tar', 'wget', 'test', 'rm', 'stat', 'hostname', 'ps', 'date', 'printf', 'readlink', 'trap', 'mount', 'grep'];
  const links = names.map((name) => ({ path: `/bin/${name}`, body: { type: 'symlink', target: 'busybox' } as const }));
  const image = buildOciArchive({
    name: IMAGE, config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] },
    files: [{ path: '/bin/busybox', mode: 0o755, body: { type: 'file', content: readFileSync('/bin/busybox') } },
      ...links,
      { path: '/etc/passwd', body: { type: 'file', content: Buffer.from('root:x:0:0:root:/:/bin/sh\n') } },
      { path: '/tmp/.keep', body: { type: 'file', content: Buffer.from('') } },
   ],
  });
  await importImages({ images: [buildPauseImage(), image], socketPath: containerd.socketPath, snapshotter: containerd.snapshotter, clock: systemClock, log: silentLogger });
}

async function makeCertificates(directory: string) {
  const file = (name: string): string => join(directory, name);
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  await run('openssl', ['req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=test-ca']);
  const issue = async (name: string, subject: string): Promise<{ cert: string; key: string }> => {
    await run('openssl', ['req', '-x509', ...key, '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), '-subj', subject, '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:false']);
    return { cert: read(`${name}.crt`), key: read(`${name}.key`) };
  };
  const server = await issue('server', '/CN=node-a');
  return { ca: read('ca.crt'), ...server, caller: await issue('caller', '/CN=kube-apiserver'), stranger: await issue('stranger', '/CN=somebody') };
}

/** A pod bound to the node; `containers` by name, with the command they run. */
export function podOf(name: string, containers: Readonly<Record<string, Partial<Container>>>, spec: Partial<PodSpec> = {}) {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' },
    spec: {
      nodeName: NODE_NAME, hostNetwork: true, restartPolicy: 'Always', terminationGracePeriodSeconds: 1, dnsPolicy: 'Default', ...spec,
      containers: Object.entries(containers).map(([container, own]) => ({ name: container, image: IMAGE, imagePullPolicy: 'IfNotPresent', ...own })),
    },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  } as const;
}

export const shell = (script: string): Partial<Container> => ({ command: ['/bin/sh', '-c', script] });
/** Ends at once when asked to. */
export const FOREVER = 'trap "exit 0" TERM; while true; do sleep 1 & wait $!; done';
export const isReady = (pod: Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
