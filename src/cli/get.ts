import { formatTime, systemClock } from '#base/clock.ts';
import { parseMoment } from '#sync/audit/moment.ts';
import { appliedAt, syncRecords } from '#sync/audit/sync-records.ts';
import { yamlOf } from '#api/yaml-text.ts';
import { type Candidate, candidatesFor, findDeclared, headOf } from './audit/declaring.ts';
import { withRendering } from './audit/rendering.ts';
import { type AuditFlags, type AuditSession, withSession } from './audit/session.ts';
import { UsageError } from './usage-error.ts';

export interface GetFlags extends AuditFlags {
  readonly at: string;
  readonly output: 'yaml' | 'json';
  readonly application?: string;
}

/** `headway get --at`: what Git declared of an object. */
export async function getObject(text: string, flags: GetFlags): Promise<void> {
  await withSession(flags, 'get', (session) => withRendering(session, async (units) => {
    const named = await session.named(text);
    const candidates = await candidatesFor(session, named, { application: flags.application, units });
    const found = await findDeclared(candidates, named, (candidate) => revisionAt(session, candidate, flags.at));
    if (!found) throw new UsageError(`no Application declared ${text} at ${flags.at}${named.target.namespace === undefined ? '' : ` (namespace ${named.target.namespace})`}`);
    const { candidate: { application, checkout }, revision, declared } = found;
    const { author, date, subject } = await checkout.history.summary(revision);
    const origin = { application: `${application.metadata.namespace}/${application.metadata.name}`, path: declared.path, line: declared.line, commit: revision, author, date, subject };
    if (flags.output === 'json') return void process.stdout.write(`${JSON.stringify({ origin, object: declared.object }, null, 2)}\n`);
    process.stdout.write(`# ${origin.path}:${origin.line} at ${revision} (${date}, ${author}): ${subject}\n# Application ${origin.application}\n${yamlOf(declared.object)}`);
  }));
}

/** The commit that was applied at a time, or that a name of git stands for; undefined when there was none yet. */
async function revisionAt(session: AuditSession, candidate: Candidate, at: string): Promise<string | undefined> {
  const { application, checkout: { history } } = candidate;
  const commit = await history.resolve(at);
  if (commit !== undefined) return commit;
  const moment = parseMoment(at, systemClock.now());
  if (moment === undefined) throw new UsageError(`--at ${at}: the repository has no such commit, and it is no time; write such as 2026-01-02T15:04:05Z or "2h ago"`);
  const record = appliedAt(await syncRecords(session.cluster.client, application), moment);
  if (record && (await history.resolve(record.spec.revision)) !== undefined) return record.spec.revision;
  const before = await history.commitBefore(await headOf(candidate), formatTime(moment));
  if (before) process.stderr.write(`headway: no Sync record tells what was applied at ${formatTime(moment)}; ${before.slice(0, 12)} is the newest commit from before\n`);
  return before;
}
