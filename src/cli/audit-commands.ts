import { type Command, Option } from 'commander';
import type { BlameFlags } from './blame.ts';
import type { DiffFlags } from './diff.ts';
import type { GetFlags } from './get.ts';
import type { LogFlags } from './log.ts';
import type { RollbackFlags } from './rollback.ts';

/** The commands that ask a cluster and its Git history: who set what, what was declared when, and back to it. */
export function addAuditCommands(program: Command, dataDir: (command: Command) => Command): void {
  const audit = (usage: string, description: string): Command => dataDir(program.command(usage)).description(description)
    .option('--kubeconfig <file>', 'of the cluster (default: KUBECONFIG, then the data directory\'s)')
    .option('--repo <path>', 'clone to read instead of the Repository\'s own place');
  const namespaced = (command: Command): Command => command.option('-n, --namespace <namespace>', 'of the object (default: the kubeconfig\'s)');
  const output = (...choices: readonly string[]): Option => new Option('-o, --output <format>', choices.join(', ')).choices(choices).default(choices[0]);

  namespaced(audit('blame <KIND/NAME>', 'show a live object with the commit, author and file, or the manager, that set each line'))
    .addOption(output('yaml', 'wide', 'json'))
    .option('--audit-log <file>', 'audit log with the users behind field managers (default: the data directory\'s)')
    .action(async (object: string, flags: BlameFlags) => (await import('./blame.ts')).blameObject(object, flags));
  namespaced(audit('log <KIND/NAME>', 'show the commits that changed an object in Git, and the syncs that wrote it, newest first'))
    .addOption(output('text', 'json'))
    .option('-p, --patch', 'with what each changed, as JSON Patch')
    .option('--max-count <n>', 'commits to show', '20')
    .option('--application <name>', 'that declares the object, when it is not in the cluster')
    .action(async (object: string, flags: LogFlags) => (await import('./log.ts')).logObject(object, flags));
  audit('diff <REV1> <REV2>', 'show what Applications declare otherwise at another revision; exit code 1 when something differs')
    .addOption(output('text', 'json', 'yaml'))
    .option('--application <name>', 'only this one: NAME, or NAMESPACE/NAME (default: all)')
    .option('-n, --namespace <namespace>', 'of the Application (default: headway-system)')
    .action(async (before: string, after: string, flags: DiffFlags) => (await import('./diff.ts')).diffRevisions(before, after, flags));
  namespaced(audit('get <KIND/NAME>', 'show what Git declared of an object at a commit or a time'))
    .requiredOption('--at <commit-or-time>', 'a revision, an RFC 3339 time, or such as "2h ago"')
    .addOption(output('yaml', 'json'))
    .option('--application <name>', 'that declares the object, when it is not in the cluster')
    .action(async (object: string, flags: GetFlags) => (await import('./get.ts')).getObject(object, flags));
  audit('rollback <APPLICATION>', 'give an Application\'s files the contents of an earlier revision, by a new commit')
    .option('--to <revision>', 'whose contents to go back to')
    .option('--branch <name>', 'put the commit on a new branch instead, to be reviewed')
    .option('--sign', 'sign the commit, with git\'s own configuration (default: as commit.gpgSign says)')
    .option('-m, --message <text>', 'first paragraph of the commit\'s message')
    .option('--dry-run', 'only say what would be written')
    .option('--resume', 'take away the pin of a rollback that could not reach Git')
    .option('-n, --namespace <namespace>', 'of the Application (default: headway-system)')
    .action(async (application: string, flags: RollbackFlags) => (await import('./rollback.ts')).rollbackApplication(application, flags));
}
