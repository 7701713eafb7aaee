import { SourceError } from '../errors.ts';
import { runGit } from '../source/git-command.ts';

export interface CommitSummary {
  readonly commit: string;
  /** `Name <address>`. */
  readonly author: string;
  /** RFC 3339, of the author. */
  readonly date: string;
  readonly subject: string;
}

/** Whole lines, one-based, both ends included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export interface FileRevision extends CommitSummary {
  /** What the file was called in that commit. */
  readonly path: string;
}

export interface LogQuery {
  readonly revision: string;
  readonly paths: readonly string[];
  /** Goes on under the names that the file had before; of one path only. */
  readonly follow?: boolean;
  /** Default: no bound. */
  readonly maxCount?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 60_000;
/** What most manifests lie in; in a long file git would take long for lines that nobody asks for. */
const FORESEEN_LINES: LineRange = { first: 1, last: 80 };
const LOG_FORMAT = '%x01%H%x00%an <%ae>%x00%aI%x00%s';
/** What a repository says about presentation must not change what is parsed here. */
const CONFIG = { 'core.quotePath': 'false', 'core.bare': 'true', 'blame.ignoreRevsFile': '', 'log.showSignature': 'false', 'diff.renames': 'true' };

export interface GitHistoryOptions {
  readonly gitDir: string;
  readonly gitBinary: string;
  /** What `HEAD` stands for, in a mirror, where nobody has checked anything out. Default: what the repository says. */
  readonly head?: string;
}

/** Who wrote what in one repository, as git tells it. Reads only; starts nothing that the repository configures. */
export class GitHistory {
  readonly #options: GitHistoryOptions;
  #foreseen: { readonly revision: string; readonly path: string; readonly abort: AbortController; readonly lines: Promise<ReadonlyMap<number, CommitSummary> | undefined> } | undefined;

  constructor(options: GitHistoryOptions) {
    this.#options = options;
  }

  /** Sets git to work on the beginning of a file, while the caller still finds out which of its lines to {@link blame}. Nothing comes of it when there is no such file. */
  foresee(revision: string, path: string): void {
    const abort = new AbortController();
    this.#foreseen = { revision, path, abort, lines: this.#blame(revision, path, [FORESEEN_LINES], abort.signal).catch(() => undefined) };
  }

  /**
   * The commit that last changed each of the lines, by line number. Follows the file through renames; lines that git has no commit for
   * are absent.
   * @throws SourceError GitFailed when the file is not in the revision
   */
  async blame(revision: string, path: string, ranges: readonly LineRange[], signal?: AbortSignal): Promise<ReadonlyMap<number, CommitSummary>> {
    if (ranges.length === 0) return new Map();
    const foreseen = this.#foreseen?.revision === revision && this.#foreseen.path === path ? this.#foreseen : undefined;
    const isEnough = ranges.every(({ last }) => last <= FORESEEN_LINES.last);
    if (!isEnough) foreseen?.abort.abort();
    return (isEnough ? await foreseen?.lines : undefined) ?? this.#blame(revision, path, ranges, signal);
  }

  async #blame(revision: string, path: string, ranges: readonly LineRange[], signal?: AbortSignal): Promise<ReadonlyMap<number, CommitSummary>> {
    return readPorcelain(await this.#git(['blame', '--porcelain', '--no-textconv', ...ranges.flatMap(({ first, last }) => ['-L', `${first},${last}`]), revision, '--', path], signal));
  }

  /** Newest first. Merges are left out: they change no file that one of their sides did not. */
  async log({ revision, paths, follow = false, maxCount, signal }: LogQuery): Promise<readonly FileRevision[]> {
    const output = await this.#git([
      '--literal-pathspecs', 'log', '-z', `--format=${LOG_FORMAT}`, '--name-status', '--no-merges', ...(follow ? ['--follow', '--find-renames'] : ['--no-renames']),
      ...(maxCount === undefined ? [] : [`--max-count=${maxCount}`]), revision, '--', ...paths,
    ], signal);
    return readNameStatus(output);
  }

  async summary(revision: string, signal?: AbortSignal): Promise<CommitSummary> {
    const [, line = ''] = (await this.#git(['log', '-1', `--format=${LOG_FORMAT}`, revision], signal)).split('\x01');
    return readSummary(line.trimEnd().split('\0'));
  }

  /** The commit that an expression of git names (`HEAD~2`, `v1.4`, `1a2b3c4`); undefined when there is none, or more than one. */
  async resolve(expression: string, signal?: AbortSignal): Promise<string | undefined> {
    const { head } = this.#options;
    const named = head === undefined ? expression : expression.replace(/^(?:HEAD|@)(?=[~^]|$)/, () => head);
    for (const name of [named, `origin/${named}`]) {
      const found = await ifFound(this.#git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], signal));
      if (found) return found.trim().split('\n').at(-1);
    }
    return undefined;
  }

  /** The newest commit on the way of first parents from a revision that was made at the time or before it. */
  async commitBefore(revision: string, time: string, signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#git(['rev-list', '-1', '--first-parent', `--before=${time}`, revision], signal)).trim() || undefined;
  }

  /** False for commits that the repository does not have. */
  async isAncestor(ancestor: string, revision: string, signal?: AbortSignal): Promise<boolean> {
    return (await ifFound(this.#git(['merge-base', '--is-ancestor', ancestor, revision], signal))) !== undefined;
  }

  async #git(args: readonly string[], signal?: AbortSignal): Promise<string> {
    return (await runGit(args, { ...this.#options, timeoutMs: TIMEOUT_MS, config: CONFIG, ...(signal ? { signal } : {}) })).toString('utf8');
  }
}

const readSummary = ([commit = '', author = '', date = '', subject = '']: readonly string[]): CommitSummary => ({ commit, author, date, subject });

/** See git-blame(1), "the porcelain format": what is known of a commit stands at its first line only. */
export function readPorcelain(output: string): ReadonlyMap<number, CommitSummary> {
  const commits = new Map<string, Record<string, string>>();
  const lines = new Map<number, string>();
  let facts: Record<string, string> = {};
  for (const line of output.split('\n')) {
    const [, commit, final] = /^([0-9a-f]{40}) \d+ (\d+)/.exec(line) ?? [];
    if (commit !== undefined) {
      facts = commits.get(commit) ?? {};
      commits.set(commit, facts);
      lines.set(Number(final), commit);
    } else if (!line.startsWith('\t')) {
      const space = line.indexOf(' ');
      if (space > 0) facts[line.slice(0, space)] = line.slice(space + 1);
    }
  }
  return new Map([...lines].map(([number, commit]) => [number, summaryOf(commit, commits.get(commit) ?? {})]));
}

function summaryOf(commit: string, facts: Readonly<Record<string, string>>): CommitSummary {
  return { commit, author: `${facts['author'] ?? ''} ${facts['author-mail'] ?? ''}`, date: withZone(Number(facts['author-time'] ?? 0), facts['author-tz'] ?? '+0000'), subject: facts['summary'] ?? '' };
}

/** Seconds since the epoch and `+0200` as `2026-01-02T03:04:05+02:00`. */
function withZone(seconds: number, zone: string): string {
  const [, sign = '+', hours = '00', minutes = '00'] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60;
  return `${new Date((seconds + offset) * 1000).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}

/** `git log -z --name-status`: statuses and paths follow the head of each commit, of a rename both paths. */
export function readNameStatus(output: string): readonly FileRevision[] {
  return output.split('\x01').slice(1).flatMap((record) => {
    const [commit, author, date, subject = '', ...rest] = record.split('\0');
    const fields = rest.map((field) => field.replace(/^\n+/, '')).filter((field) => field !== '');
    const revisions: FileRevision[] = [];
    const base = readSummary([commit ?? '', author ?? '', date ?? '', subject.trimEnd()]);
    for (let i = 0; i < fields.length; i++) {
      const isRename = /^[RC]\d+$/.test(fields[i] ?? '');
      revisions.push({ ...base, path: fields[i + (isRename ? 2 : 1)] ?? '' });
      i += isRename ? 2 : 1;
    }
    return revisions;
  });
}

/** git's way to say no is to fail. */
const ifFound = (answer: Promise<string>): Promise<string | undefined> => answer.catch((thrown: unknown) => {
  if (thrown instanceof SourceError && thrown.data.reason === 'GitFailed') return undefined;
  throw thrown;
});
