import { join } from 'node:path';
import { PATH_ANNOTATION } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import { applicationOf } from '#sync/audit/application-of.ts';
import { appliedRevision } from '#sync/audit/applied-revision.ts';
import { readAuditTrail } from '#sync/audit/audit-trail.ts';
import { originsOf, traceFields, type BlameSource } from '#sync/audit/blame.ts';
import { blamedLines, textOf, type BlamedLine } from '#sync/audit/blame-lines.ts';
import { blameTable } from '#sync/audit/blame-table.ts';
import { pathText } from '#sync/audit/ownership.ts';
import { type AuditFlags, type AuditSession, withSession } from './audit/session.ts';
import { UsageError } from './usage-error.ts';

export interface BlameFlags extends AuditFlags {
  readonly output: 'yaml' | 'wide' | 'json';
  readonly auditLog?: string;
}

/** `headway blame`: a live object, and who set each of its lines. */
export async function blameObject(text: string, flags: BlameFlags): Promise<void> {
  await withSession(flags, 'blame', async (session) => {
    const { resource, target } = await session.named(text);
    const live = await session.find(resource, target);
    if (!live) throw new UsageError(`${text} is not in the cluster${target.namespace === undefined ? '' : ` (namespace ${target.namespace})`}; "headway log" shows what Git knew of it`);
    const [{ source, problem }, trail] = await Promise.all([sourceOf(session, live), readAuditTrail(flags.auditLog ?? join(flags.dataDir, 'logs', 'audit.log'), resource, live)]);
    if (flags.auditLog !== undefined && !trail) throw new UsageError(`--audit-log ${flags.auditLog} cannot be read`);
    const traced = await traceFields({ live, source, sourceProblem: problem, trail });
    // While git is at work.
    const object = textOf(live);
    print(blamedLines(object, await originsOf(traced)), { source, output: flags.output });
  });
}

/** An object without a repository that can be read still has managers to name. */
async function sourceOf(session: AuditSession, live: KubeObject): Promise<{ readonly source?: BlameSource; readonly problem?: string }> {
  const name = applicationOf(live);
  if (!name) return {};
  try {
    const application = await session.application(`${name.namespace}/${name.name}`);
    const synced = application.status?.syncedRevision;
    const { repository, history, ignore } = await session.checkout(application, { enough: synced });
    const path = live.metadata.annotations?.[PATH_ANNOTATION];
    if (synced !== undefined && path !== undefined) history.foresee(synced, path);
    const revision = await appliedRevision({ live, application, repository, history });
    return revision === undefined ? { problem: 'the repository does not have the commit that is applied' } : { source: { application, repository, history, ignore, revision } };
  } catch (thrown) {
    if (!(thrown instanceof HeadwayError)) throw thrown;
    process.stderr.write(`headway: Git cannot be asked: ${asError(thrown).message}\n`);
    return { problem: asError(thrown).message };
  }
}

function print(lines: readonly BlamedLine[], { source, output }: { readonly source: BlameSource | undefined; readonly output: BlameFlags['output'] }): void {
  if (output === 'json') {
    const { application: { metadata, spec } = { metadata: undefined, spec: undefined }, revision } = source ?? {};
    const result = {
      ...(metadata ? { application: `${metadata.namespace}/${metadata.name}`, repository: spec?.repository, revision } : {}),
      lines: lines.map(({ text, field }, i) => ({ line: i + 1, text, field: pathText(field.path), origin: field.origin })),
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const table = blameTable(lines, output === 'wide');
  process.stdout.write(`${table.lines.join('\n')}\n`);
  for (const note of table.notes) process.stderr.write(`headway: not traced to a line: ${note}\n`);
}
