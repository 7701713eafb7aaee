import type { Command } from 'commander';
import type { PlanFlags } from './plan.ts';

/** What needs a repository and no cluster. */
export function addPlanCommands(program: Command, dataDir: (command: Command) => Command): void {
  addPlan(program, dataDir);
  addPolicyTest(program);
}

function addPlan(program: Command, dataDir: (command: Command) => Command): void {
  dataDir(program.command('plan'))
    .description('show what a branch would change: objects, restarts, policies, errors; needs no cluster')
    .option('--base <revision>', 'what it would be merged into', 'main')
    .option('--head <revision>', 'what is to be merged', 'HEAD')
    .option('--direct', 'compare with base as it is, not with the commit that both have in common')
    .option('--repo <path>', 'folder of the Git repository', '.')
    .option('--path <folder>', 'folder of the root application, as "headway up" has it', '')
    .option('--policies <folder>', 'folder of the repository with admission policies that hold, applied or not', 'policies')
    .option('--charts', 'fetch the published charts of Applications that change; of private ones the cluster of --against live has the credentials')
    .option('--against <what>', '"git": what base declares; "live": what a cluster holds, by a dry run', 'git')
    .option('--kubeconfig <file>', 'of the cluster, for --against live (default: $KUBECONFIG, or the data directory\'s)')
    .option('-o, --output <format>', 'text, json, markdown', 'text')
    .option('--fail-on <causes>', 'what makes the exit code 2: delete, policy, error', 'policy,error')
    .option('--exit-code', 'exit with 1 when something changes')
    .option('--strict', 'a custom kind without a definition in the repository is an error')
    .action(async (flags: PlanFlags) => {
      process.exitCode = await (await import('./plan.ts')).runPlan(flags);
    });
}

function addPolicyTest(program: Command): void {
  program.command('policy').description('work on admission policies without a cluster').command('test [folder]')
    .description('evaluate policies against their testdata: accept-*.yaml and deny-*.yaml')
    .action(async (folder = 'policies') => {
      process.exitCode = (await import('./policy-test.ts')).policyTest(folder);
    });
}
