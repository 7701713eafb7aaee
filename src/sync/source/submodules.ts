import { SourceError } from '../errors.ts';
import { type GitCommandOptions, runGit, tryGit } from './git-command.ts';
import { parseSourceUrl, type RemoteUrl } from './source-url.ts';

/** A commit of another repository that stands in a tree. */
export interface Submodule {
  readonly path: string;
  readonly commit: string;
  readonly url: RemoteUrl;
}

export interface SubmoduleQuery {
  readonly git: Pick<GitCommandOptions, 'gitBinary' | 'gitDir' | 'signal'>;
  /** Whose tree is looked through. */
  readonly commit: string;
  /** Of the repository that the commit is of: what relative addresses are relative to. */
  readonly base: string;
}

const TIMEOUT_MS = 60_000;
/** A circle of submodules has no end. */
const MAX_DEPTH = 5;

/** The submodules of a commit, by its own `.gitmodules`, without which it has none; not those of submodules. @throws SourceError InvalidSubmodule */
export async function submodulesOf({ git, commit, base }: SubmoduleQuery): Promise<readonly Submodule[]> {
  const options = { ...git, timeoutMs: TIMEOUT_MS };
  const config = await tryGit(['config', '--blob', `${commit}:.gitmodules`, '--null', '--list'], options);
  if (config.code !== 0) return [];
  const listed = await runGit(['ls-tree', '-r', '-z', commit], options);
  const links = [...listed.toString().matchAll(/160000 commit ([0-9a-f]{40})\t([^\0]+)\0/g)];
  const urls = urlsByPath(config.stdout.toString());
  return links.map(([, id = '', path = '']) => ({ path, commit: id, url: moduleUrl(path, urls.get(path), base) }));
}

/**
 * The submodules of a commit, and theirs, each handed to `fetch` before its own tree is looked through.
 * Resolves to the addresses of all of them. @throws SourceError InvalidSubmodule, and what `fetch` throws
 */
export async function walkSubmodules(query: SubmoduleQuery, fetch: (submodule: Submodule) => Promise<void>): Promise<readonly string[]> {
  const urls = new Set<string>();
  let level: readonly Pick<SubmoduleQuery, 'commit' | 'base'>[] = [query];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new SourceError('InvalidSubmodule', `submodules are nested more than ${MAX_DEPTH} deep`);
    const found = (await Promise.all(level.map((of) => submodulesOf({ git: query.git, ...of })))).flat();
    for (const submodule of found) await fetch(submodule);
    for (const { url } of found) urls.add(url.url);
    level = found.map(({ commit, url }) => ({ commit, base: url.url }));
  }
  return [...urls];
}

/** Entries `submodule.<name>.<key>\n<value>`, each ended by NUL. */
function urlsByPath(config: string): ReadonlyMap<string, string> {
  const modules = new Map<string, Record<string, string>>();
  for (const [, name = '', key = '', value = ''] of config.matchAll(/submodule\.([^\0\n]*)\.(path|url)\n([^\0]*)\0/g)) modules.set(name, { ...modules.get(name), [key]: value });
  return new Map([...modules.values()].flatMap(({ path, url }): [string, string][] => (path !== undefined && url !== undefined ? [[path, url]] : [])));
}

function moduleUrl(path: string, url: string | undefined, base: string): RemoteUrl {
  const refuse = (why: string): SourceError => new SourceError('InvalidSubmodule', `the submodule at ${path} ${why}`);
  if (url === undefined) throw refuse('has no url in .gitmodules');
  const resolved = resolveUrl(base, url);
  if (resolved === undefined) throw refuse('has a relative url that leads above its host');
  try {
    const parsed = parseSourceUrl(resolved);
    if (parsed.kind === 'remote') return parsed;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
  }
  throw refuse('has a url that is neither relative nor of https or ssh');
}

/** `../other.git` beside `https://host/team/app.git` or `git@host:team/app.git`, as gitsubmodules(7) has it. Undefined when nothing is left to go up. */
export function resolveUrl(base: string, url: string): string | undefined {
  if (!/^\.\.?\//.test(url)) return url;
  const [, root = '', path = ''] = /^([a-z]+:\/\/[^/]+\/|[^/:]+:)(.*)$/.exec(base) ?? [];
  const parts = path.split('/').filter((part) => part !== '');
  for (const part of url.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return `${root}${parts.join('/')}`;
}
