import type { GitRepository, TreeEntry } from '../source/git-repository.ts';

export type TreeReader = Pick<GitRepository, 'commit' | 'tree' | 'blob'>;

export interface FoundPath {
  readonly path: string;
  readonly oid: string;
}

export interface PathQuery {
  readonly reader: TreeReader;
  /** Object id of the root tree. */
  readonly root: string;
  readonly kind: 'file' | 'folder';
  /** `*` and `?` within a name, `**` for any folders; names with a leading dot only where the pattern has one. A leading `!` excludes. */
  readonly patterns: readonly string[];
}

/** The paths that a pattern selects and none excludes, in order. Only folders into which some pattern leads are read. */
export async function findPaths({ reader, root, kind, patterns }: PathQuery): Promise<readonly FoundPath[]> {
  const walk = async (oid: string, path: string, [step, ...rest]: readonly string[]): Promise<readonly FoundPath[]> => {
    if (step === undefined) return [];
    const entries = await reader.tree(oid);
    const below = (entry: TreeEntry, steps: readonly string[]): Promise<readonly FoundPath[]> => walk(entry.oid, join(path, entry.name), steps);
    if (step === '**') {
      const folders = entries.filter((entry) => entry.kind === 'folder' && !entry.name.startsWith('.'));
      const found = await Promise.all([walk(oid, path, rest.length === 0 ? ['*'] : rest), ...folders.map((entry) => below(entry, [step, ...rest]))]);
      return found.flat();
    }
    const named = entries.filter(({ name }) => nameMatches(step, name));
    if (rest.length === 0) return named.flatMap((entry) => (entry.kind === kind ? [{ path: join(path, entry.name), oid: entry.oid }] : []));
    return (await Promise.all(named.flatMap((entry) => (entry.kind === 'folder' ? [below(entry, rest)] : [])))).flat();
  };
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => stepsOf(pattern.slice(1)));
  const found = await Promise.all(patterns.filter((pattern) => !pattern.startsWith('!')).map((pattern) => walk(root, '', stepsOf(pattern))));
  const byPath = new Map(found.flat().map((one) => [one.path, one]));
  return [...byPath.values()].filter(({ path }) => !excluded.some((steps) => pathMatches(steps, path.split('/')))).sort((a, b) => (a.path < b.path ? -1 : 1));
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);
const stepsOf = (pattern: string): readonly string[] => pattern.split('/').filter((step) => step !== '' && step !== '.');

function nameMatches(step: string, name: string): boolean {
  if (name.startsWith('.') && !step.startsWith('.')) return false;
  return new RegExp(`^${step.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`, 's').test(name);
}

function pathMatches([step, ...rest]: readonly string[], names: readonly string[]): boolean {
  const [name, ...others] = names;
  if (step === undefined) return name === undefined;
  if (step === '**') return (rest.length === 0 && names.length > 0) || names.some((_name, i) => pathMatches(rest, names.slice(i)));
  return name !== undefined && nameMatches(step, name) && pathMatches(rest, others);
}
