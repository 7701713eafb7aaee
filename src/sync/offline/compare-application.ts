import { isDeepStrictEqual } from 'node:util';
import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { Scheme } from '#api/scheme.ts';
import { isProtected } from '../apply/prune.ts';
import type { Identity } from '../inventory/identity.ts';
import type { PolicyFailure } from './change-plan.ts';
import type { DeclaredObject } from './declare.ts';
import { withoutOrigin } from './object-diff.ts';
import type { ObjectRules } from './object-rules.ts';
import type { ApplicationRenderer, Declared } from './render-application.ts';
import type { RevisionFiles } from './revision-files.ts';

/** One of the two revisions that are compared. */
export interface Side {
  readonly files: RevisionFiles;
  readonly scheme: Scheme;
  readonly rules: ObjectRules;
}

/** An object of which something changes, is wrong, or is only written again. */
export interface ComparedObject {
  readonly action: 'create' | 'update' | 'same' | 'prune' | 'keep';
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
  readonly renderer: ApplicationRenderer;
}

const NOTHING: Declared = { objects: [], errors: [], hooks: [] };

/** What becomes of one application. Renders nothing of it, and answers undefined, when none of its inputs changed. */
export async function compareApplication({ name, base, head }: Comparison, options: CompareOptions): Promise<ComparedApplication | undefined> {
  const application = head ?? base;
  if (!application) return undefined;
  const isSame = base && head && rendersAlike(base, head) && (await options.renderer.hasSameUnits(head, options.base.files, options.head.files));
  const reads = isSame ? { reads: (path: string) => options.changed.has(path) } : {};
  const render = (of: Application | undefined, { files, scheme }: Side): Promise<Declared> => (of ? options.renderer.render({ application: of, files, scheme, ...reads }) : Promise.resolve(NOTHING));
  const [before, after] = await Promise.all([render(base, options.base), render(head, options.head)]);
  const objects = compareObjects(before, after, { ...options, prunes: after.errors.length === 0 && (head?.spec.syncPolicy?.prune ?? true) });
  const errors = [...after.errors, ...duplicatesIn(after.objects)];
  if (objects.length === 0 && errors.length === 0 && base && head) return undefined;
  return { name, application, objects, errors, change: !base ? 'Created' : head ? 'Changed' : 'Deleted' };
}

/** Whether the fields of both that decide what is rendered are the same. */
const rendersAlike = (a: Application, b: Application): boolean =>
  isDeepStrictEqual([a.spec.render, a.spec.path, a.spec.paths, a.spec.destinationNamespace], [b.spec.render, b.spec.path, b.spec.paths, b.spec.destinationNamespace]);

function compareObjects(before: Declared, after: Declared, { base, head, prunes }: CompareOptions & { readonly prunes: boolean }): readonly ComparedObject[] {
  const [old, now] = [byIdentity(before.objects), byIdentity(after.objects)];
  const written = [...now.values()].map((declared) => compareObject(declared, old.get(declared.identity), base, head));
  const gone = [...old.values()].filter(({ identity }) => !now.has(identity)).map((declared): ComparedObject => ({
    action: !prunes || isProtected(declared.object) ? 'keep' : 'prune', identity: declared.identity, declared, formerly: declared, before: base.rules.settle(declared), after: undefined, errors: [], policies: [],
  }));
  // Where the files cannot be read, what is missing may well be in them.
  return after.errors.length > 0 ? written : [...written, ...gone];
}

function compareObject(declared: DeclaredObject, formerly: DeclaredObject | undefined, base: Side, head: Side): ComparedObject {
  const before = formerly && base.rules.settle(formerly);
  const { object: after, errors, policies } = head.rules.check(declared, before);
  return { action: actionOf(before, after), identity: declared.identity, declared, formerly, before, after, errors, policies };
}

export const actionOf = (before: KubeObject | undefined, after: KubeObject): 'create' | 'update' | 'same' =>
  before === undefined ? 'create' : isDeepStrictEqual(withoutOrigin(before), withoutOrigin(after)) ? 'same' : 'update';

const byIdentity = (objects: readonly DeclaredObject[]): ReadonlyMap<Identity, DeclaredObject> => new Map(objects.map((object) => [object.identity, object]));

function duplicatesIn(objects: readonly DeclaredObject[]): readonly SyncError[] {
  return [...Map.groupBy(objects, ({ identity }) => identity)].flatMap(([identity, [first, ...others]]) =>
    others.map(({ source: { path, line } }) => ({ path, line, object: identity, reason: 'DuplicateObject', message: `the object is declared at ${first?.source.path}:${first?.source.line} too` })));
}
