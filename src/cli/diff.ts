import type { Application } from '#api/headway/v1/types.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import { changeText } from '#sync/audit/change-text.ts';
import type { Checkout } from '#sync/audit/checkout.ts';
import type { DeclaredContext } from '#sync/audit/declared.ts';
import { diffApplication, type RevisionDiff } from '#sync/audit/revision-diff.ts';
import { yamlOf } from '#api/yaml-text.ts';
import type { UnitRendering } from '#sync/render/unit-rendering.ts';
import { commitOf } from './audit/declaring.ts';
import { declaredContext } from './audit/declared-context.ts';
import { withRendering } from './audit/rendering.ts';
import { type AuditFlags, type AuditSession, withSession } from './audit/session.ts';
import { UsageError } from './usage-error.ts';

export interface DiffFlags extends AuditFlags {
  readonly output: 'text' | 'json' | 'yaml';
  readonly application?: string;
}

interface ApplicationDiff {
  readonly application: string;
  readonly diff: RevisionDiff;
}

/** As diff(1) has them. */
const EXIT = { same: 0, different: 1, trouble: 2 } as const;

/** `headway diff`: what Applications declare otherwise at the second revision. Sets the exit code of the process. */
export async function diffRevisions(before: string, after: string, flags: DiffFlags): Promise<void> {
  try {
    const diffs = await withSession(flags, 'diff', (session) => withRendering(session, (units) => diffAll(session, { before, after, flags, units })));
    print(diffs, flags.output);
    const hasErrors = diffs.some(({ diff }) => !diff.ok);
    process.exitCode = hasErrors ? EXIT.trouble : diffs.some(({ diff }) => diff.ok && diff.changes.length > 0) ? EXIT.different : EXIT.same;
  } catch (thrown) {
    if (!(thrown instanceof HeadwayError)) process.stderr.write(`headway: ${asError(thrown).stack}\n`);
    else process.stderr.write(`headway: ${thrown.message}\n`);
    process.exitCode = EXIT.trouble;
  }
}

interface DiffRequest {
  readonly before: string;
  readonly after: string;
  readonly flags: DiffFlags;
  readonly units: UnitRendering;
}

async function diffAll(session: AuditSession, { before, after, flags, units }: DiffRequest): Promise<readonly ApplicationDiff[]> {
  await session.allKinds();
  const applications = flags.application === undefined ? await session.applications() : [await session.application(flags.application, flags.namespace)];
  const diffs: ApplicationDiff[] = [];
  const parents = new Map<string, DeclaredContext>();
  let found = 0;
  for (const [checkout, of] of await byRepository(session, applications)) {
    // The revisions may be of one of several repositories.
    const [old, now] = await Promise.all([before, after].map((name) => (flags.application === undefined ? checkout.history.resolve(name) : commitOf(checkout, name))));
    if (old === undefined || now === undefined) continue;
    found += 1;
    for (const application of of) {
      diffs.push({ application: keyOf(application), diff: await diffApplication(await declaredContext(session, application, { checkout, units, parents }), old, now) });
    }
  }
  if (found === 0) throw new UsageError(`no Application's repository has both ${JSON.stringify(before)} and ${JSON.stringify(after)}`);
  return diffs;
}

async function byRepository(session: AuditSession, applications: readonly Application[]): Promise<ReadonlyMap<Checkout, readonly Application[]>> {
  const groups = Map.groupBy(applications, ({ metadata, spec }) => joinKey(metadata.namespace, spec.repository));
  const opened: [Checkout, readonly Application[]][] = [];
  for (const of of groups.values()) if (of[0]) opened.push([await session.checkout(of[0]), of]);
  return new Map(opened);
}

function print(diffs: readonly ApplicationDiff[], output: DiffFlags['output']): void {
  if (output !== 'text') {
    const applications = diffs.map(({ application, diff }) => ({ application, ...(diff.ok ? { changes: diff.changes.map(({ change, object, path, line, patch }) => ({ change, object, path, line, patch })) } : { errors: diff.errors, revision: diff.revision }) }));
    process.stdout.write(output === 'json' ? `${JSON.stringify({ applications }, null, 2)}\n` : yamlOf({ applications }));
    return;
  }
  for (const { application, diff } of diffs) {
    if (!diff.ok) for (const { path, line, message } of diff.errors) process.stderr.write(`headway: Application ${application} at ${diff.revision.slice(0, 12)}: ${path}${line === undefined ? '' : `:${line}`}: ${message}\n`);
    else if (diff.changes.length > 0) process.stdout.write(`Application ${application}\n${diff.changes.map((change) => `  ${changeText(change).replaceAll('\n', '\n  ')}`).join('\n')}\n`);
  }
}
