import { userInfo } from 'node:os';
import type { Application } from '#api/headway/v1/types.ts';
import { keyOf } from '#api/object.ts';
import { ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import { pin, unpin } from '#sync/audit/rollback/pin.ts';
import { rollBack, type RollbackOutcome } from '#sync/audit/rollback/roll-back.ts';
import { syncRecords } from '#sync/audit/sync-records.ts';
import { SourceError } from '#sync/errors.ts';
import { commitOf } from './audit/declaring.ts';
import { type AuditFlags, type AuditSession, withSession } from './audit/session.ts';
import { UsageError } from './usage-error.ts';

export interface RollbackFlags extends AuditFlags {
  readonly to?: string;
  readonly branch?: string;
  readonly sign?: true;
  readonly message?: string;
  readonly dryRun?: true;
  readonly resume?: true;
}

const SHORT_COMMIT = 12;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** `headway rollback`: back to an earlier commit by a new one; by a pin when Git cannot be written to. */
export async function rollbackApplication(name: string, flags: RollbackFlags): Promise<void> {
  await withSession(flags, 'rollback', async (session) => {
    const application = await session.application(name, flags.namespace);
    if (flags.resume) return resume(session, application);
    if (flags.to === undefined) throw new UsageError('--to names the revision to go back to (or --resume ends a pin)');
    const { to, ...result } = await attempt(session, application, { ...flags, to: flags.to });
    if ('chart' in result) return pinVersion(session, application, { to, chart: result.chart, flags });
    const { outcome } = result;
    if (outcome.type === 'refused') throw new UsageError(outcome.why);
    if (outcome.type === 'unwritable') return pinTo(session, application, { to, why: outcome.why, flags });
    tell(outcome, { application, to });
    if (outcome.type === 'done' && application.spec.pinnedRevision) print(`The Application is pinned to ${application.spec.pinnedRevision.slice(0, SHORT_COMMIT)}; "headway rollback ${name} --resume" has it follow Git again.`);
  });
}

/** `to`: the commit. Of a published chart there are none to write. */
type Attempt = { readonly to: string } & ({ readonly outcome: RollbackOutcome } | { readonly chart: string });

async function attempt(session: AuditSession, application: Application, flags: RollbackFlags & { readonly to: string }): Promise<Attempt> {
  try {
    const checkout = await session.checkout(application);
    const to = await commitOf(checkout, flags.to);
    if (checkout.chart !== undefined) return { to, chart: checkout.chart };
    const { branch, sign, message, dryRun } = flags;
    return { to, outcome: await rollBack({ checkout, application, to, branch, sign, message, isDryRun: dryRun === true }) };
  } catch (error) {
    if (!(error instanceof SourceError) || error.data.reason === 'InvalidURL') throw error;
    return { to: await knownCommit(session, application, { to: flags.to, cause: error }), outcome: { type: 'unwritable', why: error.message } };
  }
}

/** Without Git, what the cluster knows of commits must do. */
async function knownCommit(session: AuditSession, application: Application, { to, cause }: { readonly to: string; readonly cause: SourceError }): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(to)) return to;
  const known = new Set([application.status?.syncedRevision, ...(await syncRecords(session.cluster.client, application)).map(({ spec }) => spec.revision)].filter((commit) => commit !== undefined));
  const [found, ...others] = /^[0-9a-f]{7,}$/.test(to) ? [...known].filter((commit) => commit.startsWith(to)) : [];
  if (found === undefined || others.length > 0) throw new UsageError(`${cause.message}; without Git, --to needs the full id of a commit`, { cause });
  return found;
}

async function pinTo(session: AuditSession, application: Application, { to, why, flags }: { readonly to: string; readonly why: string; readonly flags: RollbackFlags }): Promise<void> {
  if (flags.branch !== undefined || flags.dryRun) throw new UsageError(`Git cannot be written to: ${why}`);
  const reason = `rolled back by ${userInfo().username}, as Git cannot be written to: ${why}`;
  await pin(session.cluster.client, application, { revision: to, why: reason });
  print(`Git cannot be written to: ${why}\nPinned ${keyOf(application)} to ${to.slice(0, SHORT_COMMIT)} instead; when Git is back, roll back again and end the pin with --resume.`);
}

/** A chart is written elsewhere: what can be gone back to is one of its versions. */
async function pinVersion(session: AuditSession, application: Application, { to, chart, flags }: { readonly to: string; readonly chart: string; readonly flags: RollbackFlags }): Promise<void> {
  const { name, namespace } = application.metadata;
  if (flags.branch !== undefined || flags.sign || flags.message !== undefined) throw new UsageError(`--branch, --sign and --message are for commits; of the published chart ${chart} a version is pinned`);
  if (flags.dryRun) return print(`Would pin ${keyOf(application)} to version ${flags.to} of chart ${chart}.`);
  await pin(session.cluster.client, application, { revision: to, why: `rolled back to version ${flags.to} of chart ${chart} by ${userInfo().username}` });
  print(`Pinned ${keyOf(application)} to version ${flags.to} of chart ${chart}; "headway rollback ${name} --resume${namespace === ROOT_NAMESPACE ? '' : ` -n ${namespace}`}" has it follow newer ones again.`);
}

async function resume(session: AuditSession, application: Application): Promise<void> {
  if (!application.spec.pinnedRevision) return print(`${keyOf(application)} is not pinned.`);
  await unpin(session.cluster.client, application);
  print(`${keyOf(application)} follows its repository again.`);
}

function tell(outcome: Extract<RollbackOutcome, { readonly type: 'done' | 'planned' | 'unchanged' }>, { application, to }: { readonly application: Application; readonly to: string }): void {
  if (outcome.type === 'unchanged') return print(`Nothing to do: ${outcome.branch} has the contents of ${to.slice(0, SHORT_COMMIT)} already.`);
  const { branch, commit, paths, files, message, onto, workTree } = outcome;
  print(outcome.type === 'planned'
    ? `Would roll back ${keyOf(application)} to ${to.slice(0, SHORT_COMMIT)}, on top of ${onto.slice(0, SHORT_COMMIT)}, on branch ${branch}:`
    : `Rolled back ${keyOf(application)} to ${to.slice(0, SHORT_COMMIT)} by commit ${(commit ?? '').slice(0, SHORT_COMMIT)} on branch ${branch}:`);
  for (const file of files) print(`  ${file}`);
  if (paths.files.length > 0) print(`Outside of the Application's folders; whatever else uses them goes back too: ${paths.files.join(', ')}`);
  if (workTree !== undefined) print(`The work tree ${workTree} was updated.`);
  if (outcome.type === 'planned') print(`\n${message}`);
}
