/** The commit that gave a file its present contents. */
export interface Provenance {
  readonly commit: string;
  /** `Name <address>`. */
  readonly author: string;
}

/** A commit that changed a file. */
export interface Change extends Provenance {
  /** When it was committed, in seconds since the epoch. */
  readonly time: number;
}

/** A file with its contents' object id. */
export interface FileVersion {
  readonly path: string;
  readonly oid: string;
}

/** By file and contents; see {@link noteChange}. */
export type Changes = Map<string, Change>;

/** A commit counts for a file with the contents that it left it with, unless a newer one was noted before. */
export function noteChange(changes: Changes, change: Change, { path, oid, kind }: FileVersion & { readonly kind: string }): void {
  for (const key of [keyOf(path, oid), ...(kind === 'submodule' ? [moduleKey(path)] : [])]) if (!changes.has(key)) changes.set(key, change);
}

/** The last change of each file, by path, as far as it is known. */
export function pickChanges(changes: ReadonlyMap<string, Change>, files: readonly FileVersion[]): Map<string, Change> {
  const found = new Map<string, Change>();
  for (const { path, oid } of files) {
    const change = changes.get(keyOf(path, oid)) ?? foldersOf(path).map((folder) => changes.get(moduleKey(folder))).find((of) => of !== undefined);
    if (change) found.set(path, change);
  }
  return found;
}

/** What came with a submodule came with the commit that moved it last. */
const moduleKey = (path: string): string => keyOf(path, 'submodule');
/** Those that the path is in, innermost first. */
const foldersOf = (path: string): readonly string[] => path.split('/').slice(0, -1).map((_, depth, names) => names.slice(0, names.length - depth).join('/'));
const keyOf = (path: string, oid: string): string => `${oid} ${path}`;
