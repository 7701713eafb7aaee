import { hostname } from 'node:os';
import { systemClock } from '#base/clock.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import { createLogger, type Logger } from '#base/logger.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Client } from '#client/client.ts';
import { runLeaderElection } from '#controller/leader-election.ts';
import { localServer, readCredentials } from '../api-connection.ts';
import { endOnDefect } from '../process-events.ts';
import { requireRepository } from '../repository-check.ts';
import type { RedisPlace } from '../redis-options.ts';
import type { ClusterOptions } from '../up-options.ts';
import { UsageError } from '../usage-error.ts';
import { startApiPart } from './api-part.ts';
import { aborted } from './control-plane.ts';
import { certificateIdentities, type Identities, issueIdentities } from './identities.ts';
import { serveMetrics } from './metrics-server.ts';
import type { PartContext } from './part-context.ts';
import { type ClientPart, START_PART } from './parts.ts';
import { createQueues } from './queues.ts';

export interface StandaloneOptions {
  readonly cluster: ClusterOptions;
  readonly redis: RedisPlace;
  /** `https://host:port`; default the API server of this machine. */
  readonly server?: string | undefined;
}

/** The leases of kube-controller-manager and kube-scheduler, which their bootstrap roles name. */
const LEASES: Readonly<Record<ClientPart, string>> = { controllers: 'kube-controller-manager', scheduler: 'kube-scheduler', sync: 'headway-sync' };
const CLIENT_OF: Readonly<Record<ClientPart, (identities: Identities) => Client>> = {
  controllers: (identities) => identities.controllerManager, scheduler: (identities) => identities.scheduler, sync: (identities) => identities.sync,
};
const READY_RETRY_MS = 200;

/** `headway apiserver`: resolves when it has ended, on SIGTERM or Ctrl-C. */
export function runApiServer(options: StandaloneOptions): Promise<void> {
  return runUntilStopped(options, async (context) => {
    const part = await startApiPart(context, issueIdentities);
    say(`apiserver: ${localServer(options.cluster)}, kubeconfig and certificates in ${options.cluster.dataDir}`);
    await aborted(context.signal);
    await part.close();
  });
}

/**
 * `headway controllers | scheduler | sync`. Of several processes of one part, the one that holds the part's lease works; the others wait
 * to take over. Resolves when it has ended.
 */
export function runClientPart(part: ClientPart, options: StandaloneOptions): Promise<void> {
  return runUntilStopped(options, async (context) => {
    await requireRepository(options.cluster);
    const server = options.server ?? localServer(options.cluster);
    const { ca: rootCa } = readCredentials(options.cluster.dataDir, part === 'controllers' ? 'controller-manager' : part);
    const identities = certificateIdentities({ dataDir: options.cluster.dataDir, server });
    const client = CLIENT_OF[part](identities);
    if (options.cluster.metrics) await serveMetrics({ ...context, address: options.cluster.metrics });
    say(`${part}: waiting for ${server} to be ready`);
    await waitUntilReady(client, context);
    await runLeaderElection({
      client, lease: { namespace: 'kube-system', name: LEASES[part] }, identity: `${hostname()}-${process.pid}`, clock: context.clock, log: context.log,
      lead: (signal) => lead(part, { ...context, signal }, { identities, client, rootCa }),
    }, context.signal);
    await identities.close();
  });
}

async function lead(part: ClientPart, context: PartContext, { identities, client, rootCa }: { readonly identities: Identities; readonly client: Client; readonly rootCa: string }): Promise<void> {
  const { log, clock, signal } = context;
  const informers = createInformerFactory({ client, log, clock });
  const queues = createQueues(context);
  informers.start(signal);
  const running = await START_PART[part]({ ...context, identities, informers, queues, rootCa });
  say(`${part}: working`);
  await aborted(signal);
  await running.stop();
  await queues.close();
  // The next one that works in this process tells of itself.
  context.metrics.splice(0);
}

/** `/readyz` also says no while the nodes of a cluster whose store was lost have not reported what runs on them: deciding before would restart it. */
async function waitUntilReady(client: Client, { clock, log, signal }: PartContext): Promise<void> {
  for (;;) {
    try {
      await client.raw('/readyz', { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      log.debug('the API server is not ready', { error });
      await clock.sleep(READY_RETRY_MS, signal);
    }
  }
}

async function runUntilStopped({ cluster, redis }: StandaloneOptions, run: (context: PartContext) => Promise<void>): Promise<void> {
  const log = createLogger({ level: cluster.logLevel });
  endOnDefect(log);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => (stopping.signal.aborted ? process.exit(130) : stopping.abort(new Error(signal))));
  try {
    await run({ options: cluster, redis, clock: systemClock, log, metrics: [], signal: stopping.signal });
  } catch (thrown) {
    if (!stopping.signal.aborted) throw explained(thrown, log);
  }
  process.exit(0);
}

function explained(thrown: unknown, log: Logger): Error {
  const error = asError(thrown);
  if (error instanceof HeadwayError) return error;
  log.error('the part cannot work', { error });
  return new UsageError(error.message, { cause: thrown });
}

/** Standard error is the log's; this is for the person who started it. */
const say = (text: string): void => void process.stdout.write(`${text}\n`);
