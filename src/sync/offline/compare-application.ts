import { isDeepStrictEqual } from 'node:util';
import type { Application, Repository, SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { Scheme } from '#api/scheme.ts';
import { syncOptions } from '../apply/sync-options.ts';
import { hookOf, isOfDeletion } from '../hooks/hook.ts';
import type { Identity } from '../inventory/identity.ts';
import type { ObjectAction, PolicyFailure } from './change-plan.ts';
import type { DeclaredObject } from './declare.ts';
import { withoutOrigin } from './object-diff.ts';
import type { ObjectRules } from './object-rules.ts';
import type { DeclaredProjects } from './project-check.ts';
import type { ApplicationSource } from './application-source.ts';
import type { Declared } from './render-application.ts';
import type { RevisionFiles } from './revision-files.ts';

/** One of the two revisions that are compared. */
export interface Side {
  readonly files: RevisionFiles;
  readonly scheme: Scheme;
  readonly rules: ObjectRules;
  readonly projects: DeclaredProjects;
  /** The published chart that an application follows, by its name; undefined for those of this repository. */
  chartOf(name: string): Repository | undefined;
  /** @throws SourceError: the chart cannot be fetched */
  sourceOf(name: string): Promise<ApplicationSource>;
}

/** An object of which something changes, is wrong, or is only written again; or a hook. */
export interface ComparedObject {
  readonly action: ObjectAction | 'same';
  readonly identity: Identity;
  /** As head declares it; of one that is pruned or kept, as base does. */
  readonly declared: DeclaredObject;
  readonly formerly: DeclaredObject | undefined;
  /** The states before and after, as the API would keep them. */
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
  readonly errors: readonly SyncError[];
  readonly policies: readonly PolicyFailure[];
  readonly hasDrifted?: boolean;
}

export interface ComparedApplication {
  readonly name: string;
  /** As head declares it, or else base. */
  readonly application: Application;
  readonly change: 'Created' | 'Changed' | 'Deleted';
  readonly objects: readonly ComparedObject[];
  /** Of the files; those of objects are with them. */
  readonly errors: readonly SyncError[];
}

export interface Comparison {
  readonly name: string;
  readonly base: Application | undefined;
  readonly head: Application | undefined;
}

export interface CompareOptions {
  readonly base: Side;
  readonly head: Side;
  /** Paths that differ between both. */
  readonly changed: ReadonlySet<string>;
  /** Files that may declare hooks: those of unchanged files run, too. */
  readonly hookFiles: ReadonlySet<string>;
}

const NOTHING: Declared = { objects: [], hooks: [], errors: [] };

/** What becomes of one application. Renders nothing of it, and answers undefined, when none of its inputs changed. @throws SourceError of a chart */
export async function compareApplication({ name, base, head }: Comparison, options: CompareOptions): Promise<ComparedApplication | undefined> {
  const application = head ?? base;
  if (!application) return undefined;
  const isAlike = base && head && rendersAlike(base, head) && options.head.projects.bindsAlike(head, options.base.projects, base);
  if (isAlike && followsSameChart(name, options)) return undefined;
  const [from, to] = await Promise.all([base && options.base.sourceOf(name), head && options.head.sourceOf(name)]);
  const isSame = isAlike && from && to && from.renderer === to.renderer && (await to.renderer.hasSameUnits(head, from.files, to.files));
  const changed = options.base.chartOf(name) && from && to ? from.files.changesTo(to.files) : options.changed;
  const render = async (of: Application | undefined, { scheme, sourceOf }: Side, paths = changed): Promise<Declared> => {
    if (!of) return NOTHING;
    const { renderer, files } = await sourceOf(name);
    return renderer.render({ application: of, files, scheme, ...(isSame ? { reads: (path) => paths.has(path) } : {}) });
  };
  const [before, after] = await Promise.all([render(base, options.base), render(head, options.head)]);
  const kept = compareObjects(before, after, { ...options, keeps: (object) => isKept(object, { application, isDeleted: !head }) });
  const hooks = kept.some(({ action }) => action !== 'same') || !hasSameHooks(before, after) ? (await render(head, options.head, new Set([...changed, ...options.hookFiles]))).hooks : [];
  const runs = head ? hooks.filter(isRunWhen(false)).map((hook) => runHook(hook, options.head)) : hooksOfDeletion(application, before).map((hook) => runHook(hook, options.base));
  const objects = [...kept, ...runs];
  const errors = [...after.errors, ...duplicatesIn(after.objects), ...(head ? options.head.projects.refusals(head, [...after.objects, ...after.hooks]) : [])];
  if (objects.length === 0 && errors.length === 0 && base && head) return undefined;
  return { name, application, objects, errors, change: !base ? 'Created' : head ? 'Changed' : 'Deleted' };
}

function followsSameChart(name: string, { base, head }: CompareOptions): boolean {
  const [before, after] = [base.chartOf(name), head.chartOf(name)];
  return before !== undefined && isDeepStrictEqual(before.spec, after?.spec);
}

/** Whether the fields of both that decide what is rendered are the same. */
const rendersAlike = (a: Application, b: Application): boolean =>
  isDeepStrictEqual([a.spec.render, a.spec.path, a.spec.paths, a.spec.destinationNamespace], [b.spec.render, b.spec.path, b.spec.paths, b.spec.destinationNamespace]);

/** Whether an object stays that head no longer names. What goes with its Application may be told otherwise than what goes alone. */
function isKept(object: KubeObject, { application, isDeleted }: { readonly application: Application; readonly isDeleted: boolean }): boolean {
  const options = syncOptions(object);
  return options.prune === 'keep' || options.apply === 'ignored' || application.spec.syncPolicy?.prune === false || (isDeleted && options.delete === 'keep');
}

function compareObjects(before: Declared, after: Declared, { base, head, keeps }: CompareOptions & { readonly keeps: (object: KubeObject) => boolean }): readonly ComparedObject[] {
  const [old, now] = [byIdentity(before.objects), byIdentity(after.objects)];
  const written = [...now.values()].filter((declared) => isApplied(declared, old.has(declared.identity))).map((declared) => compareObject(declared, old.get(declared.identity), base, head));
  // Where the files cannot be read, what is missing may well be in them.
  if (after.errors.length > 0) return written;
  const gone = [...old.values()].filter(({ identity }) => !now.has(identity));
  return [...written, ...gone.map((declared): ComparedObject => ({
    action: keeps(declared.object) ? 'keep' : 'prune', identity: declared.identity, declared, formerly: declared, before: base.rules.settle(declared), after: undefined, errors: [], policies: [],
  }))];
}

/** A sync runs all hooks when it changes something, or when they are others than before. */
function hasSameHooks(before: Declared, after: Declared): boolean {
  const contents = ({ hooks }: Declared): readonly KubeObject[] => hooks.map(({ object }) => withoutOrigin(object));
  return isDeepStrictEqual(contents(before), contents(after));
}

/** None where the objects stay. */
const hooksOfDeletion = ({ spec }: Application, { hooks }: Declared): readonly DeclaredObject[] => (spec.syncPolicy?.prune === false ? [] : hooks.filter(isRunWhen(true)));

const isRunWhen = (isDeleted: boolean) => ({ object }: DeclaredObject): boolean => hookOf(object)?.phases.some((phase) => isOfDeletion(phase) === isDeleted) === true;

/** What an earlier sync left of it goes before. */
function runHook(declared: DeclaredObject, { rules }: Side): ComparedObject {
  const { object, errors, policies } = rules.check(declared, undefined);
  return { action: 'run', identity: declared.identity, declared, formerly: undefined, before: undefined, after: object, errors, policies };
}

function isApplied({ object }: DeclaredObject, isThere: boolean): boolean {
  const { apply } = syncOptions(object);
  return apply === 'always' || (apply === 'once' && !isThere);
}

function compareObject(declared: DeclaredObject, formerly: DeclaredObject | undefined, base: Side, head: Side): ComparedObject {
  const before = formerly && base.rules.settle(formerly);
  const updated = head.rules.check(declared, before);
  const recreated = before && updated.errors.length > 0 && syncOptions(declared.object).recreates !== 'never';
  const { object: after, isMalformed, errors, policies } = recreated ? head.rules.check(declared, undefined) : updated;
  // Against an object with its defaults, one without form would seem to take them all back.
  const compared = isMalformed ? formerly?.object : before;
  return { action: actionOf(compared, after), identity: declared.identity, declared, formerly, before: compared, after, errors, policies };
}

export const actionOf = (before: KubeObject | undefined, after: KubeObject): 'create' | 'update' | 'same' =>
  before === undefined ? 'create' : isDeepStrictEqual(withoutOrigin(before), withoutOrigin(after)) ? 'same' : 'update';

const byIdentity = (objects: readonly DeclaredObject[]): ReadonlyMap<Identity, DeclaredObject> => new Map(objects.map((object) => [object.identity, object]));

function duplicatesIn(objects: readonly DeclaredObject[]): readonly SyncError[] {
  return [...Map.groupBy(objects, ({ identity }) => identity)].flatMap(([identity, [first, ...others]]) =>
    others.map(({ source: { path, line } }) => ({ path, line, object: identity, reason: 'DuplicateObject', message: `the object is declared at ${first?.source.path}:${first?.source.line} too` })));
}
