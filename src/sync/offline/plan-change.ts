import { randomBytes } from 'node:crypto';
import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { CONFIRM_PRUNE_ANNOTATION, type Application, type SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { createRuleCompiler } from '#policy/rules/rule-compiler.ts';
import { syncOptions } from '../apply/sync-options.ts';
import { ROOT_NAME, ROOT_NAMESPACE } from '../bootstrap.ts';
import { SourceError } from '../errors.ts';
import { pruneRefusal } from '../policy/prune-limit.ts';
import { describe } from '../inventory/identity.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import type { GitRepository } from '../source/git-repository.ts';
import type { PublishedCharts } from './application-source.ts';
import type { ApplicationChange, ChangePlan, RevisionName } from './change-plan.ts';
import { compareApplication, type ComparedApplication } from './compare-application.ts';
import type { DeclaredObject } from './declare.ts';
import { describeChange, isChangedConfig } from './describe-change.ts';
import { excuseFor, type RepositoryHere } from './excuses.ts';
import { HiddenValues } from './hidden-values.ts';
import { leftBehind } from './left-behind.ts';
import { ApplicationRenderer } from './render-application.ts';
import { RevisionFiles } from './revision-files.ts';
import { objectsIn, revisionSide, type RevisionSide } from './revision-side.ts';
import { HOOK_PATTERNS, kindPatterns, namePatterns, searchFiles } from './search-files.ts';
import { CONTEXT_KINDS, surveyRevision, type ExpandSet } from './survey.ts';

export interface PlanChangeOptions {
  readonly repository: GitRepository;
  /** Default `git`. */
  readonly gitBinary?: string;
  readonly base: RevisionName;
  readonly head: RevisionName;
  /** Folder of the root application, as `headway up --path` has it. */
  readonly path: string;
  /** Folder of policies that hold whether they are applied or not. */
  readonly policies: string;
  readonly here: RepositoryHere;
  readonly units: UnitRendering;
  readonly expand: ExpandSet;
  /** Undefined: Applications of published charts are not planned, and named. */
  readonly charts?: PublishedCharts | undefined;
  /** A custom kind whose definition is nowhere in the repository is an error. */
  readonly isStrict: boolean;
  /** What a cluster adds; without it Git alone is asked. */
  readonly live?: LiveCluster;
  readonly signal: AbortSignal;
}

export interface LiveCluster {
  readonly definitions: readonly (CustomResourceDefinition & KubeObject)[];
  refine(compared: ComparedApplication): Promise<ComparedApplication>;
}

/** What a change from one commit to another would do: to which objects of which applications, to their pods, and what would refuse it. */
export async function planChange(options: PlanChangeOptions): Promise<ChangePlan> {
  const { repository, signal, units } = options;
  const renderer = new ApplicationRenderer({ repository, units, signal });
  const sides = await sidesOf(options, renderer);
  const { base, head } = sides;
  const names = [...new Set([...base.applications.keys(), ...head.applications.keys()])].sort();
  const { present, unfetched } = await compareAll(names, sides, options.live);
  const left = leftBehind(present, { base, head });
  const compared = present.filter(({ name }) => !left.has(name));
  const others = await mentions(compared, head, options, renderer);
  const hidden = new HiddenValues(randomBytes(32).toString('hex'));
  const applications = await Promise.all(compared.map(async (application) => describeChange(
    { ...application, errors: [...application.errors, ...duplicatesElsewhere(application, others), ...(options.isStrict ? unknownKinds(application) : [])] },
    { hidden, readers: others.map(({ object }) => object), held: await holdOf(application, { base, head }) },
  )));
  const told = applications.filter(isTold);
  return {
    base: options.base, head: options.head, against: options.live ? 'live' : 'git', applications: told, unchanged: names.length - unfetched.length - told.length,
    notes: [...new Set([...head.notes, ...unfetched, ...[...left].map(([name, why]) => `Application ${name} stays, with all that it has applied: ${why}`), ...unknownNotes(compared, options), ...moveNotes(compared), ...projectNotes(head)])],
  };
}

/** Each application that changes, and why some of published charts cannot be planned. */
async function compareAll(names: readonly string[], sides: Sides, live: LiveCluster | undefined): Promise<{ readonly present: readonly ComparedApplication[]; readonly unfetched: readonly string[] }> {
  const { base, head } = sides;
  const unfetched: string[] = [];
  const outcomes = await Promise.all(names.map(async (name) => {
    const compared = await compareApplication({ name, base: base.applications.get(name)?.application, head: head.applications.get(name)?.application }, sides).catch((error: unknown) => {
      if (!(error instanceof SourceError) || !(base.chartOf(name) ?? head.chartOf(name))) throw error;
      unfetched.push(`${name} is not planned: ${error.message}`);
      return undefined;
    });
    return compared && live ? live.refine(compared) : compared;
  }));
  return { present: outcomes.filter((outcome) => outcome !== undefined), unfetched };
}

/** An application whose files were only written otherwise is as before. */
const isTold = ({ change, objects, errors, policies }: ApplicationChange): boolean => change !== 'Changed' || objects.length + errors.length + policies.length > 0;

interface Sides {
  readonly base: RevisionSide;
  readonly head: RevisionSide;
  readonly changed: ReadonlySet<string>;
  readonly hookFiles: ReadonlySet<string>;
}

async function sidesOf(options: PlanChangeOptions, renderer: ApplicationRenderer): Promise<Sides> {
  const { repository, gitBinary = 'git', signal, live } = options;
  const list = (revision: string): Promise<RevisionFiles> => RevisionFiles.list({ repository, gitBinary, revision, signal });
  const [baseFiles, headFiles] = await Promise.all([list(options.base.commit), list(options.head.commit)]);
  const changed = baseFiles.changesTo(headFiles);
  const schema = loadSchema();
  const rules = createRuleCompiler();
  const found = new Map<string, Promise<ReadonlySet<string>>>();
  // Files that are the same in both need to be searched once; those that are not are few.
  const search = (kinds: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    const key = [...kinds].join(' ');
    const known = found.get(key) ?? searchFiles({ repository, gitBinary, revision: options.head.commit, signal }, kindPatterns(kinds)).then((paths) => new Set([...paths, ...changed]));
    found.set(key, known);
    return known;
  };
  const candidates = await search(CONTEXT_KINDS);
  const side = async (files: RevisionFiles): Promise<RevisionSide> => {
    const survey = await surveyRevision({ root: rootApplication(options.path), files, candidates, scheme: new Scheme(BUILT_IN_RESOURCES), schema, renderer, excuse: excuseFor(options.here), expand: options.expand, hasCharts: options.charts !== undefined });
    return revisionSide({ files, survey, renderer, charts: options.charts, schema, rules, search, definitions: live?.definitions ?? [], policies: options.policies });
  };
  const hookFiles = searchFiles({ repository, gitBinary, revision: options.head.commit, signal }, HOOK_PATTERNS);
  const [base, head] = await Promise.all([side(baseFiles), side(headFiles)]);
  return { base, head, changed, hookFiles: await hookFiles };
}

/** As {@link ensureRootApplication} makes it. */
const rootApplication = (path: string): Application => ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace: ROOT_NAMESPACE, name: ROOT_NAME }, spec: { repository: ROOT_NAME, path } });

interface Mention {
  readonly application: string;
  readonly object: DeclaredObject;
}

/** Objects of head in files that have the name of something that is new, or of a configuration that changes. */
async function mentions(compared: readonly ComparedApplication[], head: RevisionSide, { repository, gitBinary = 'git', signal }: PlanChangeOptions, renderer: ApplicationRenderer): Promise<readonly Mention[]> {
  const objects = compared.flatMap((application) => application.objects.filter((object) => object.action === 'create' || isChangedConfig(object)));
  if (objects.length === 0) return [];
  const names = new Set(objects.map(({ declared }) => declared.object.metadata.name));
  return objectsIn(head, await searchFiles({ repository, gitBinary, revision: head.files.revision, signal }, namePatterns(names)), renderer);
}

/** A new object that another file, or another application, declares as well. */
function duplicatesElsewhere({ name, objects }: ComparedApplication, others: readonly Mention[]): readonly SyncError[] {
  return objects.filter(({ action }) => action === 'create').flatMap(({ identity, declared: { source } }) => others
    .filter((other) => other.object.identity === identity && (other.application !== name || !isSamePlace(other.object.source, source)))
    .map((other) => ({
      path: source.path, line: source.line, object: identity, reason: 'DuplicateObject',
      message: `the object is declared ${other.application === name ? '' : `by application ${other.application} `}at ${other.object.source.path}:${other.object.source.line} too`,
    })));
}

const isSamePlace = (a: DeclaredObject['source'], b: DeclaredObject['source']): boolean => a.path === b.path && a.line === b.line;

/** Why the deletions of an application wait for a confirmation, if so. Of an Application that goes, all its objects go: that was asked for. */
async function holdOf({ name, change, objects, application }: ComparedApplication, { base, head }: Pick<Sides, 'base' | 'head'>): Promise<string | undefined> {
  const doomed = objects.filter(({ action }) => action === 'prune').map(({ declared }) => declared);
  const former = base.applications.get(name)?.application;
  if (doomed.length === 0 || change !== 'Changed' || !former) return undefined;
  const { renderer, files } = await base.sourceOf(name);
  const { objects: all } = await renderer.render({ application: former, files, scheme: base.scheme });
  const nameOf = ({ object }: DeclaredObject): string => describe(object.kind, object.metadata);
  const created = objects.filter(({ action }) => action === 'create').length;
  return pruneRefusal({
    limit: application.spec.syncPolicy?.pruneLimit ?? {}, total: all.length, deletions: doomed.map(nameOf), remaining: all.length - doomed.length + created,
    confirmable: doomed.filter(({ object }) => syncOptions(object).prune === 'confirm').map(nameOf), revision: head.files.revision, confirmed: application.metadata.annotations?.[CONFIRM_PRUNE_ANNOTATION],
  });
}

const unknown = ({ objects }: ComparedApplication): readonly DeclaredObject[] => objects.filter(({ declared, action }) => declared.isUnknownKind && action !== 'prune').map(({ declared }) => declared);

const unknownKinds = (application: ComparedApplication): readonly SyncError[] =>
  unknown(application).map(({ identity, object: { apiVersion, kind }, source }) =>
    ({ path: source.path, line: source.lineOf('kind'), object: identity, reason: 'UnknownKind', message: `no definition of the repository has kind ${kind} in version ${apiVersion}` }));

const unknownNotes = (compared: readonly ComparedApplication[], { isStrict }: PlanChangeOptions): readonly string[] =>
  (isStrict ? [] : [...new Set(compared.flatMap(unknown).map(({ object: { apiVersion, kind } }) => `kind not known offline: ${kind} of ${apiVersion}; its objects are compared, but not checked`))]);

/** What leaves one application and comes to another is deleted and made anew unless the new one takes it first. */
function moveNotes(compared: readonly ComparedApplication[]): readonly string[] {
  const gone = new Map(compared.flatMap(({ name, objects }) => objects.filter(({ action }) => action === 'prune').map(({ identity }) => [identity, name] as const)));
  return compared.flatMap(({ name, objects }) => objects.filter(({ action, identity }) => action === 'create' && gone.has(identity))
    .map(({ identity }) => `${identity} moves from application ${gone.get(identity)} to ${name}; whether it is taken over or made anew depends on which of the two syncs first`));
}

function projectNotes({ applications, projects }: RevisionSide): readonly string[] {
  const missing = [...applications.values()].flatMap(({ application }) => projects.missing(application) ?? []);
  return missing.map((project) => `Project ${project} is not in the repository; what it forbids is not known`);
}
