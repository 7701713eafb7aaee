import type { Sync, SyncedObject } from '#api/headway/v1/types.ts';
import { pathOfLive } from '#sync/audit/application-of.ts';
import { objectHistory, type DeclaredChange } from '#sync/audit/object-history.ts';
import { recordOf, syncRecords, timeOf } from '#sync/audit/sync-records.ts';
import { type Candidate, candidatesFor, findDeclared, headOf, identityOfNamed } from './audit/declaring.ts';
import { withRendering } from './audit/rendering.ts';
import { type AuditFlags, type AuditSession, type NamedObject, withSession } from './audit/session.ts';
import { UsageError } from './usage-error.ts';

export interface LogFlags extends AuditFlags {
  readonly output: 'text' | 'json';
  readonly patch?: true;
  readonly maxCount: string;
  readonly application?: string;
}

type LogEntry =
  | ({ readonly type: 'commit' } & DeclaredChange)
  | { readonly type: 'sync'; readonly name: string; readonly date: string; readonly revision: string; readonly trigger: Sync['spec']['trigger']; readonly outcome: SyncedObject['outcome']; readonly patch: unknown; readonly message?: string | undefined };

/** `headway log`: what changed an object, in Git and by syncs. */
export async function logObject(text: string, flags: LogFlags): Promise<void> {
  const maxCount = Number(flags.maxCount);
  if (!Number.isInteger(maxCount) || maxCount < 1) throw new UsageError(`--max-count ${flags.maxCount}: a number of commits, from 1`);
  await withSession(flags, 'log', (session) => withRendering(session, async (units) => {
    const named = await session.named(text);
    const place = await placeOf(session, named, await candidatesFor(session, named, { application: flags.application, units }));
    if (!place) throw new UsageError(`no Application declares ${text}, and no Sync record tells of it`);
    const { candidate: { context, checkout: { history } }, revision, path, records } = place;
    const commits = await objectHistory({ context, history, identity: identityOfNamed(named), revision, path, maxCount });
    const entries = [...commits.map((change): LogEntry => ({ type: 'commit', ...change })), ...records.flatMap((record) => entryOf(record, named))];
    print([...entries].sort((a, b) => Date.parse(b.date) - Date.parse(a.date)), flags);
  }));
}

interface Place {
  readonly candidate: Candidate;
  readonly revision: string;
  /** The file that declares the object, or did last. */
  readonly path: string;
  readonly records: readonly Sync[];
}

async function placeOf(session: AuditSession, named: NamedObject, candidates: readonly Candidate[]): Promise<Place | undefined> {
  const live = await session.find(named.resource, named.target);
  const recordsOf = (candidate: Candidate): Promise<readonly Sync[]> => syncRecords(session.cluster.client, candidate.application);
  const [only] = candidates;
  const path = live && pathOfLive(live);
  if (path !== undefined && only && candidates.length === 1) return { candidate: only, revision: await headOf(only), path, records: await recordsOf(only) };
  const found = await findDeclared(candidates, named, headOf);
  if (found) return { ...found, path: found.declared.path, records: await recordsOf(found.candidate) };
  for (const candidate of candidates) {
    const records = await recordsOf(candidate);
    const last = records.map((record) => recordOf(record, named.resource, named.target)).find((object) => object !== undefined);
    if (last) return { candidate, revision: await headOf(candidate), path: last.path, records };
  }
  return undefined;
}

function entryOf(record: Sync, { resource, target }: NamedObject): readonly LogEntry[] {
  const object = recordOf(record, resource, target);
  if (!object) return [];
  const { outcome, patch, message } = object;
  const { revision, trigger } = record.spec;
  return [{ type: 'sync', name: record.metadata.name, date: new Date(timeOf(record)).toISOString(), revision, trigger, outcome, patch: patch === undefined ? [] : (JSON.parse(patch) as unknown), ...(message === undefined ? {} : { message }) }];
}

function print(entries: readonly LogEntry[], { output, patch }: LogFlags): void {
  if (output === 'json') return void process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
  for (const entry of entries) {
    process.stdout.write(`${headOfEntry(entry)}\n`);
    if (patch) for (const operation of entry.patch as readonly unknown[]) process.stdout.write(`    ${JSON.stringify(operation)}\n`);
  }
}

function headOfEntry(entry: LogEntry): string {
  if (entry.type === 'commit') return `commit ${entry.commit.slice(0, 12)}  ${entry.date}  ${entry.author}\n    ${entry.subject}\n    ${entry.change} at ${entry.path}:${entry.line}`;
  const { name, date, trigger: { type, by }, outcome, revision, message } = entry;
  return `sync   ${name}  ${date}  ${type}${by === undefined ? '' : ` by ${by}`}\n    ${outcome} as of ${revision.slice(0, 12)}${message === undefined ? '' : `: ${message}`}`;
}
