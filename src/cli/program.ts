import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { INSTALLATION } from '#base/installation.ts';
import { addAdmissionOptions } from './admission-options.ts';
import { addAuditCommands } from './audit-commands.ts';
import { addAuditFlags } from './audit-flags.ts';
import { addFrontOptions } from './front-options.ts';
import { addPartCommands } from './part-commands.ts';
import { addAuthenticationOptions } from './authentication-options.ts';
import { addPlanCommands } from './plan-commands.ts';
import { addWebhookOptions } from './webhook-options.ts';
import { DEFAULT_UP_FLAGS, type UpFlags } from './up-options.ts';

/** Descriptions in one line, also where the terminal does not tell its width. */
const HELP_WIDTH = 110;

/** The commands for people. Each loads its own code only when it runs. */
export function buildProgram(): Command {
  const program = new Command('headway')
    .description('A GitOps-driven cluster manager: Git is the desired state, the API is Kubernetes\'.')
    .version(version(), '-V, --version')
    .showHelpAfterError('(--help says what there is)')
    .configureHelp({ helpWidth: HELP_WIDTH });
  const dataDir = (command: Command): Command => command.option('--data-dir <dir>', 'where the state lives', (dir) => resolve(dir), DEFAULT_UP_FLAGS.dataDir);

  addWebhookOptions(addFrontOptions(addAuthenticationOptions(addAdmissionOptions(addAuditFlags(dataDir(program.command('up'))))))
    .description('start Headway on this machine and keep a repository applied')
    .option('--repo <url-or-path>', 'Git repository: a local path, https:// or ssh:// URL')
    .option('--ref <ref>', 'branch, tag or commit to follow', DEFAULT_UP_FLAGS.ref)
    .option('--path <folder>', 'folder of the repository that holds the manifests', DEFAULT_UP_FLAGS.path)
    .option('--port <port>', 'of the API server', DEFAULT_UP_FLAGS.port)
    .option('--agent-port <port>', 'of the node agent', DEFAULT_UP_FLAGS.agentPort)
    .option('--advertise-address <ip>', 'address of this machine that pods and other nodes reach (default: the first that is not the loopback)')
    .option('--nodes <what>', '"local", or "simulated:N" for N nodes without containers', DEFAULT_UP_FLAGS.nodes)
    .option('--pod-cidr <range>', 'addresses of pods; another Headway on this machine needs other ones', DEFAULT_UP_FLAGS.podCidr)
    .option('--service-cidr <range>', 'addresses of services; likewise', DEFAULT_UP_FLAGS.serviceCidr)
    .option('--service-node-port-range <range>', 'ports of nodes that services may have; likewise', DEFAULT_UP_FLAGS.serviceNodePortRange)
    .option('--request-timeout <duration>', 'how long a request to the API may take that is no watch, log or connection', DEFAULT_UP_FLAGS.requestTimeout)
    .option('--log-level <level>', 'debug, info, warn or error', DEFAULT_UP_FLAGS.logLevel)
    .option('-d, --detach', 'return when everything runs, and go on in the background'))
    .action(async (flags: UpFlags & { detach?: true }) => {
      if (flags.detach) return (await import('./detach.ts')).upDetached(flags.dataDir);
      return (await import('./up.ts')).up(flags);
    });
  dataDir(program.command('down'))
    .description('stop Headway and its pods, keep the data')
    .option('--keep-pods', 'leave the containers running; the next "up" takes them over')
    .action(async (flags: { dataDir: string; keepPods?: true }) => (await import('./down.ts')).down(flags));
  dataDir(program.command('reset'))
    .description('stop everything and remove all that Headway made on this machine, its data too')
    .action(async (flags: { dataDir: string }) => (await import('./reset.ts')).reset(flags.dataDir));
  dataDir(program.command('status'))
    .description('show nodes, applications, workloads and the processes behind them')
    .action(async (flags: { dataDir: string }) => (await import('./status.ts')).status(flags.dataDir));
  dataDir(program.command('kubeconfig'))
    .description('print the administrator\'s kubeconfig')
    .action(async (flags: { dataDir: string }) => (await import('./kubeconfig.ts')).printKubeconfig(flags.dataDir));
  program.command('doctor')
    .description('check this machine: kernel, tools, ports, permissions, and what each lack costs')
    .action(async () => (await import('./doctor.ts')).doctor());
  addAuditCommands(program, dataDir);
  addPartCommands(program, dataDir);
  addPlanCommands(program, dataDir);
  return program;
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(join(INSTALLATION, 'package.json'), 'utf8')) as { readonly version: string };
  return text;
}
