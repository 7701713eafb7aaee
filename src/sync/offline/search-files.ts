import { SourceError } from '../errors.ts';
import { runGit } from '../source/git-command.ts';
import type { RevisionOptions } from './revision-files.ts';

const SEARCH_TIMEOUT_MS = 60_000;
/** Patterns of one run: a command line has a limit. */
const MAX_PATTERNS = 500;
const MANIFESTS = ['*.yaml', '*.yml', '*.json', '*.tpl'];

/**
 * Manifests of a commit with a line that one of the extended regular expressions matches. Git looks through ten thousand files in the time in which
 * a parser reads some hundred; what is found is then read in earnest.
 */
export async function searchFiles(options: RevisionOptions, patterns: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let i = 0; i < patterns.length; i += MAX_PATTERNS) for (const path of await search(options, patterns.slice(i, i + MAX_PATTERNS))) found.add(path);
  return found;
}

/** Lines that say of what kind an object is. A template may compute it. */
export const kindPatterns = (kinds: Iterable<string>): readonly string[] => [...[...kinds].map((kind) => `kind["']?:[[:space:]]*["']?${literal(kind)}(["'},[:space:]]|$)`), 'kind["\']?:.*\\{\\{'];

/** Lines that name something: an object its own name, or another object's. */
export const namePatterns = (names: Iterable<string>): readonly string[] => [...names].map((name) => `[nN]ame["']?:[[:space:]]*["']?${literal(name)}(["'},[:space:]]|$)`);

/** Lines that make an object a hook. */
export const HOOK_PATTERNS: readonly string[] = ['(headway\\.dev|argocd\\.argoproj\\.io|helm\\.sh)/hook'];

async function search({ repository, gitBinary, revision, signal }: RevisionOptions, patterns: readonly string[]): Promise<readonly string[]> {
  const args = ['grep', '-l', '-z', '-I', '-E', '--full-name', ...patterns.flatMap((pattern) => ['-e', pattern]), revision, '--', ...MANIFESTS];
  try {
    const out = await runGit(args, { gitBinary, gitDir: repository.gitDir, timeoutMs: SEARCH_TIMEOUT_MS, signal, config: { 'core.bare': 'true' } });
    return out.toString().split('\0').filter((line) => line !== '').map((line) => line.slice(revision.length + 1));
  } catch (error) {
    // Git's way to say that nothing matches.
    if (error instanceof SourceError && error.data.reason === 'GitFailed' && error.message === 'git grep: exit code 1') return [];
    throw error;
  }
}

const literal = (text: string): string => text.replaceAll(/[.[\]{}()*+?^$|\\]/g, '\\$&');
