import { APPLICATION_LABEL, COMMIT_ANNOTATION, AUTHOR_ANNOTATION, PATH_ANNOTATION, type Application } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { GitRepository } from '../source/git-repository.ts';
import type { IgnoreRules } from '../source/ignore-rules.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { CommitSummary, GitHistory, LineRange } from './git-history.ts';
import { ownedFields, type Manager, type OwnedField } from './ownership.ts';
import { loadTracer } from './trace/load-tracer.ts';
import type { Place, Trace } from './trace/tracer.ts';

/** Who or what gave a field its value. */
export type FieldOrigin =
  | { readonly type: 'git'; readonly place: Place; /** Absent when git has none for the line. */ readonly commit?: CommitSummary; readonly note?: string }
  /** It comes from Git, and cannot be traced to one line. */
  | { readonly type: 'files'; readonly files: readonly string[]; readonly why: string; readonly commit: string }
  /** The Application object says it. */
  | { readonly type: 'application'; readonly application: string; readonly field: string }
  /** Another field manager; `user` from the audit log. */
  | { readonly type: 'manager'; readonly manager: Manager; readonly user?: string }
  /** The API server: names and times of its own, or a default of the kind. */
  | { readonly type: 'server' | 'default' };

export interface BlamedField extends OwnedField {
  readonly origin: FieldOrigin;
}

/** Where sync's fields come from; absent for objects that no Application applies, and when Git cannot be read. */
export interface BlameSource {
  readonly application: Application;
  readonly repository: GitRepository;
  readonly history: GitHistory;
  /** Of the Repository: files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
  /** The commit that is applied. */
  readonly revision: string;
}

export interface BlameRequest {
  readonly live: KubeObject;
  readonly source?: BlameSource | undefined;
  /** Why there is no source, for fields that sync owns. */
  readonly sourceProblem?: string | undefined;
  readonly trail?: AuditTrail | undefined;
  readonly signal?: AbortSignal;
}

const SERVER_METADATA: ReadonlySet<unknown> = new Set(['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'generateName']);
/** What names an object is not in managedFields. */
const IDENTITY: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata.name', 'metadata.namespace']);
const ADDED_BY_SYNC: ReadonlySet<unknown> = new Set([APPLICATION_LABEL, COMMIT_ANNOTATION, AUTHOR_ANNOTATION, PATH_ANNOTATION]);

/** By file and line. */
type Commits = ReadonlyMap<string, ReadonlyMap<number, CommitSummary>>;

/** Fields with their places, and git at work on who wrote those. */
export interface TracedFields {
  readonly request: BlameRequest;
  readonly fields: readonly OwnedField[];
  /** As many; of fields that Git does not declare undefined. */
  readonly traces: readonly (Trace | undefined)[];
  readonly commits: Promise<Commits>;
}

/** Reads the files that declare the object, and starts git blame on the lines that count. {@link originsOf} is to follow; what else there is to do needs not wait for git. */
export async function traceFields(request: BlameRequest): Promise<TracedFields> {
  const { live, source, signal } = request;
  const fields = ownedFields(live);
  const tracer = source && (await loadTracer({ ...source, live }));
  const traces = fields.map((field) => (isDeclared(field, live) && !isAddedBySync(field) ? tracer?.trace(field) : undefined));
  return { request, fields, traces, commits: source ? blameFiles(source, traces, signal) : Promise.resolve(new Map()) };
}

/** The origin of each field, parents first. */
export async function originsOf({ request: { live, source, sourceProblem, trail }, fields, traces, commits: pending }: TracedFields): Promise<readonly BlamedField[]> {
  const commits = await pending;
  const origins = fields.map((field, i): FieldOrigin | undefined => {
    const trace = traces[i];
    if (trace) return originOfTrace(trace, { field, source, commits, live });
    if (!isDeclared(field, live)) return originOfOthers(field, live, trail);
    if (isAddedBySync(field)) return addedBySync(live, field);
    return { type: 'files', files: filesOf(live), commit: live.metadata.annotations?.[COMMIT_ANNOTATION] ?? '', why: sourceProblem ?? 'the applied commit does not declare the object (any more)' };
  });
  return fields.map((field, i) => ({ ...field, origin: origins[i] ?? firstBelow(i, fields, origins) ?? { type: 'default' } }));
}

const isDeclared = ({ isOurs, path }: OwnedField, { metadata }: KubeObject): boolean => isOurs || (metadata.labels?.[APPLICATION_LABEL] !== undefined && IDENTITY.has(path.join('.')));

/** One run of git for each file, for the lines that are asked for only. */
async function blameFiles({ history, revision }: BlameSource, traces: readonly (Trace | undefined)[], signal?: AbortSignal): Promise<Commits> {
  const ranges = new Map<string, LineRange[]>();
  for (const trace of traces) if (trace?.kind === 'place') ranges.set(trace.place.path, [...(ranges.get(trace.place.path) ?? []), { first: trace.place.line, last: trace.place.line }]);
  const found = await Promise.all([...ranges].map(async ([path, of]) => [path, await history.blame(revision, path, mergeRanges(of), signal)] as const));
  return new Map(found);
}

/** Sorted, and with neighbours joined: git reads each range from its start. */
export function mergeRanges(ranges: readonly LineRange[]): readonly LineRange[] {
  const merged: LineRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1) merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
    else merged.push(range);
  }
  return merged;
}

interface TraceContext {
  readonly field: OwnedField;
  readonly source: BlameSource | undefined;
  readonly commits: Commits;
  readonly live: KubeObject;
}

function originOfTrace(trace: Trace, { field, source, commits, live }: TraceContext): FieldOrigin | undefined {
  if (isDestination(trace, field, source)) return { type: 'application', application: applicationOf(live), field: 'spec.destinationNamespace' };
  switch (trace.kind) {
    case 'place': {
      const commit = commits.get(trace.place.path)?.get(trace.place.line);
      return { type: 'git', place: trace.place, ...(commit ? { commit } : {}), ...(trace.note === undefined ? {} : { note: trace.note }) };
    }
    case 'application': return { type: 'application', application: applicationOf(live), field: trace.field };
    case 'files': return { type: 'files', files: trace.files, why: trace.why, commit: live.metadata.annotations?.[COMMIT_ANNOTATION] ?? source?.revision ?? '' };
    case 'absent': {
      // A map or list that is there for the sake of what it holds.
      if (typeof field.value === 'object' && field.value !== null) return undefined;
      return { type: 'files', files: filesOf(live), commit: live.metadata.annotations?.[COMMIT_ANNOTATION] ?? '', why: 'the file does not hold the field at the applied commit' };
    }
  }
}

/** A namespace that no file says is the Application's. */
const isDestination = ({ kind }: Trace, { path, value }: OwnedField, source: BlameSource | undefined): boolean =>
  path.join('.') === 'metadata.namespace' && (kind === 'absent' || (kind === 'files' && value === (source?.application.spec.destinationNamespace || 'default')));

function originOfOthers({ path, managers, value, isOurs }: OwnedField, live: KubeObject, trail: AuditTrail | undefined): FieldOrigin | undefined {
  const [manager] = managers;
  // What holds fields of several is shown as the first of them.
  if (manager && typeof value === 'object' && (isOurs || managers.length > 1)) return undefined;
  if (manager) {
    const user = trail?.userOf(live, manager);
    return { type: 'manager', manager, ...(user === undefined ? {} : { user }) };
  }
  if (path[0] === 'status' || IDENTITY.has(path.join('.')) || (path[0] === 'metadata' && (path.length === 1 || SERVER_METADATA.has(path[1])))) return { type: 'server' };
  return { type: 'default' };
}

const isAddedBySync = ({ path: [root, , key] }: OwnedField): boolean => root === 'metadata' && ADDED_BY_SYNC.has(key);
const addedBySync = (live: KubeObject, { path: [, , key] }: OwnedField): FieldOrigin => ({ type: 'application', application: applicationOf(live), field: key === APPLICATION_LABEL ? 'metadata.name' : 'status.syncedRevision' });
const applicationOf = ({ metadata }: KubeObject): string => (metadata.labels?.[APPLICATION_LABEL] ?? '').replace('.', '/');
const filesOf = ({ metadata }: KubeObject): readonly string[] => [metadata.annotations?.[PATH_ANNOTATION] ?? ''].filter((path) => path !== '');

function firstBelow(parent: number, fields: readonly OwnedField[], origins: readonly (FieldOrigin | undefined)[]): FieldOrigin | undefined {
  const depth = fields[parent]?.path.length ?? 0;
  for (let i = parent + 1; i < fields.length && (fields[i]?.path.length ?? 0) > depth; i++) if (origins[i]) return origins[i];
  return undefined;
}
