import { createHash } from 'node:crypto';
import ignore from 'ignore';

/** Which files of a repository are no manifests. */
export interface IgnoreRules {
  /** Differs between rules that differ; without white space. */
  readonly id: string;
  /** `path` is from the repository's root. */
  ignores(path: string): boolean;
}

/** Patterns as in a .gitignore at the root; undefined when there are none. */
export function ignoreRules(patterns: readonly string[] | undefined): IgnoreRules | undefined {
  if (!patterns || patterns.length === 0) return undefined;
  const rules = ignore().add([...patterns]);
  return { id: createHash('sha256').update(JSON.stringify(patterns)).digest('hex').slice(0, 12), ignores: (path) => rules.ignores(path) };
}
