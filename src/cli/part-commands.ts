import { join } from 'node:path';
import { Command, Option } from 'commander';
import { instanceOf } from '#base/instance.ts';
import type { StandaloneOptions } from './control-plane/standalone.ts';
import { addAdmissionOptions } from './admission-options.ts';
import { addAuditFlags } from './audit-flags.ts';
import { addAuthenticationOptions } from './authentication-options.ts';
import { addFrontOptions } from './front-options.ts';
import { addMetricsOptions } from './metrics-options.ts';
import { addStoreOptions, redisOption, redisPlace, type RedisFlags } from './redis-options.ts';
import { clusterOptions, DEFAULT_UP_FLAGS, type UpFlags } from './up-options.ts';
import { UsageError } from './usage-error.ts';
import { addWebhookOptions } from './webhook-options.ts';

interface PartFlags extends Partial<UpFlags>, RedisFlags {
  readonly server?: string;
}

interface AgentFlags extends Partial<UpFlags> {
  readonly simulate?: string;
  readonly kubeconfig?: string;
}

const server = (): Option => new Option('--server <url>', 'the API server (default: this machine\'s)');
const port = (): Option => new Option('--port <port>', 'of the API server').default(DEFAULT_UP_FLAGS.port);
const serviceCidr = (): Option => new Option('--service-cidr <range>', 'addresses of services').default(DEFAULT_UP_FLAGS.serviceCidr);
const nodePorts = (): Option => new Option('--service-node-port-range <range>', 'ports of nodes that services may have').default(DEFAULT_UP_FLAGS.serviceNodePortRange);
const requestTimeout = (): Option => new Option('--request-timeout <duration>', 'how long a request may take that is no watch, log or connection').default(DEFAULT_UP_FLAGS.requestTimeout);
const logLevel = (): Option => new Option('--log-level <level>', 'debug, info, warn or error').default(DEFAULT_UP_FLAGS.logLevel);

/** The parts that `up` runs in its processes, each as a process of its own. */
export function addPartCommands(program: Command, dataDir: (command: Command) => Command): void {
  const part = (name: string, description: string): Command => dataDir(program.command(name)).description(description).addOption(redisOption()).addOption(port()).addOption(logLevel());

  addStoreOptions(addFrontOptions(addAuthenticationOptions(addAdmissionOptions(addAuditFlags(part('apiserver', 'run the API server alone; it makes the certificates of the other parts'))))))
    .option('--advertise-address <ip>', 'address of this machine that pods and other nodes reach (default: the first that is not the loopback)')
    .addOption(serviceCidr()).addOption(nodePorts()).addOption(requestTimeout())
    .action(async (flags: PartFlags) => (await import('./control-plane/standalone.ts')).runApiServer(standaloneOptions(flags)));
  addMetricsOptions(part('controllers', 'run the controllers alone')).addOption(server())
    .action(async (flags: PartFlags) => (await import('./control-plane/standalone.ts')).runClientPart('controllers', standaloneOptions(flags)));
  addMetricsOptions(part('scheduler', 'run the scheduler alone')).addOption(server())
    .action(async (flags: PartFlags) => (await import('./control-plane/standalone.ts')).runClientPart('scheduler', standaloneOptions(flags)));
  addMetricsOptions(addWebhookOptions(part('sync', 'run the sync engine alone'))).addOption(server())
    .option('--repo <url-or-path>', 'Git repository to follow; without it, the repositories that the cluster knows')
    .option('--ref <ref>', 'branch, tag or commit to follow', DEFAULT_UP_FLAGS.ref)
    .option('--path <folder>', 'folder of the repository that holds the manifests', DEFAULT_UP_FLAGS.path)
    .action(async (flags: PartFlags) => (await import('./control-plane/standalone.ts')).runClientPart('sync', standaloneOptions(flags)));
  dataDir(program.command('agent'))
    .description('run this machine\'s node agent alone, or nodes without containers')
    .addOption(port()).addOption(logLevel())
    .option('--agent-port <port>', 'of the node agent', DEFAULT_UP_FLAGS.agentPort)
    .option('--pod-cidr <range>', 'addresses of pods', DEFAULT_UP_FLAGS.podCidr).addOption(serviceCidr())
    .option('--simulate <count>', 'this many nodes without containers, against any Headway; their pods are Ready at once')
    .option('--kubeconfig <file>', 'with --simulate: the administrator\'s (default: the data directory\'s)')
    .action(runAgentCommand);
}

function standaloneOptions(flags: PartFlags): StandaloneOptions {
  const cluster = clusterOptions({ ...DEFAULT_UP_FLAGS, ...flags });
  return { cluster, redis: redisPlace(flags, join(instanceOf(cluster.dataDir).runDir, 'redis.sock')), server: flags.server };
}

async function runAgentCommand(flags: AgentFlags): Promise<void> {
  const cluster = clusterOptions({ ...DEFAULT_UP_FLAGS, ...flags });
  const agent = await import('./agent/standalone.ts');
  if (flags.simulate !== undefined) return agent.runSimulatedNodes(cluster, { count: nodeCount(flags.simulate), kubeconfig: flags.kubeconfig });
  if (flags.kubeconfig !== undefined) throw new UsageError('--kubeconfig is for --simulate; this machine\'s agent has a certificate of its own in the data directory');
  return agent.runNode(cluster);
}

function nodeCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--simulate ${text}: a number of nodes, from 1`);
  return count;
}
