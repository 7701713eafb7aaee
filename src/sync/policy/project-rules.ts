import type { InventoryEntry, ProjectSpec, SyncError } from '#api/headway/v1/types.ts';
import type { IndexedObject } from '../inventory/application-index.ts';
import { describe } from '../inventory/identity.ts';
import { matcher, type Matches } from './patterns.ts';

/** An object with its place in Git. */
export type DeclaredObject = Pick<IndexedObject, 'entry' | 'line'>;

export interface ProjectCheck {
  /** For messages: `<namespace>/<name>`. */
  readonly project: string;
  readonly spec: ProjectSpec;
  /** Where the application's objects come from. */
  readonly repositoryUrl: string;
  /** Repositories that its submodules are of. */
  readonly submoduleUrls?: readonly string[] | undefined;
  readonly objects: Iterable<DeclaredObject>;
}

/** Reason of a condition and of errors: what is declared is not for this project. */
const NOT_PERMITTED = 'NotPermitted';

/** What of an application its project forbids, each with its place; of the repository without one. */
export function projectRefusals({ project, spec, repositoryUrl, submoduleUrls = [], objects }: ProjectCheck): readonly SyncError[] {
  const { repositories } = spec;
  const forbidden = repositories && [repositoryUrl, ...submoduleUrls].find((url) => !permitsRepository(repositories, url));
  if (forbidden !== undefined) return [{ path: '', reason: NOT_PERMITTED, message: `project ${project} does not permit repository ${forbidden}` }];
  const refuse = objectRule(spec);
  return [...objects].flatMap(({ entry, line }) => {
    const what = refuse(entry);
    return what === undefined ? [] : [{ path: entry.path, line, object: describe(entry.kind, entry), reason: NOT_PERMITTED, message: `project ${project} does not permit ${what}` }];
  });
}

/** URLs of one repository are written with and without `.git` and a slash at the end. */
function permitsRepository(patterns: readonly string[], url: string): boolean {
  return matcher(patterns.map(normalUrl))(normalUrl(url));
}

const normalUrl = (url: string): string => url.replace(/\/+$/, '').replace(/\.git$/, '');

function objectRule({ namespaces, kinds, clusterKinds = [] }: ProjectSpec): (entry: InventoryEntry) => string | undefined {
  const inNamespaces = namespaces && matcher(namespaces);
  const ofKinds = kinds && matcher(kinds);
  const ofClusterKinds = clusterKinds.length > 0 ? matcher(clusterKinds) : () => false;
  return (entry) => {
    const kind = entry.group === '' ? entry.kind : `${entry.kind}.${entry.group}`;
    if (entry.namespace === undefined) return ofClusterKinds(kind) ? undefined : `kind ${kind}, which is outside of namespaces`;
    if (inNamespaces && !inNamespaces(entry.namespace)) return `namespace ${entry.namespace}`;
    return passes(ofKinds, kind) ? undefined : `kind ${kind}`;
  };
}

const passes = (matches: Matches | undefined, text: string): boolean => matches === undefined || matches(text);
