import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Repository } from '#api/headway/v1/types.ts';
import { SourceError } from '../errors.ts';
import type { ReadCredentials } from '../source/chart/registry-call.ts';
import type { Credentials } from '../source/credentials.ts';
import { findGitDir } from '../source/git-dir.ts';
import { GitRepository } from '../source/git-repository.ts';
import { ignoreRules, type IgnoreRules } from '../source/ignore-rules.ts';
import { makeBare } from '../source/make-bare.ts';
import { parseSourceUrl } from '../source/source-url.ts';
import { isLocked, removeStaleLocks } from '../source/stale-locks.ts';
import { GitHistory } from './git-history.ts';
import { UserGit } from './user-git.ts';

export interface CheckoutOptions {
  readonly spec: Repository['spec'];
  /** A clone to read instead, by its path. */
  readonly instead?: string | undefined;
  /** Mirrors of remote repositories live below it. */
  readonly cacheDir: string;
  readonly gitBinary: string;
  /** A commit that will do: a mirror that has it is not fetched. Default: the newest of everything. */
  readonly enough?: string | undefined;
  /** Of a published chart: which is in force, and who may fetch it. Default: the newest, and anybody. */
  readonly version?: string | undefined;
  readonly credentials?: ReadCredentials | undefined;
  readonly signal?: AbortSignal;
}

/** A Repository object's repository, as the person at the terminal reaches it. */
export interface Checkout {
  readonly gitDir: string;
  readonly repository: GitRepository;
  readonly history: GitHistory;
  readonly git: UserGit;
  /** Where commits are pushed to; absent for a repository on this machine. */
  readonly remote?: RemoteRepository;
  /** The name that is followed: branch, tag, commit or range of versions. */
  readonly ref: string;
  /** Its name, where the repository is a published chart, whose versions are its commits. */
  readonly chart?: string;
  /** Files that are no manifests. */
  readonly ignore: IgnoreRules | undefined;
  /** Why the mirror could not be brought up to date; what it has may be old. */
  readonly problem?: SourceError;
  close(): void;
}

export interface RemoteRepository {
  readonly url: string;
  readonly protocols: string;
}

const DEFAULT_REF = 'main';

/**
 * Opens it: a local one in place, a remote one as a mirror of the caller's own, fetched with the caller's own credentials.
 * @throws SourceError when there is nothing to read
 */
export async function openCheckout(options: CheckoutOptions): Promise<Checkout> {
  const { spec, instead, gitBinary } = options;
  if (spec.chart && instead === undefined) return openChart({ ...options, chart: spec.chart });
  const url = parseSourceUrl(spec.url);
  const remote = url.kind === 'remote' ? { url: url.url, protocols: url.protocols } : undefined;
  const local = instead ?? (url.kind === 'local' ? url.path : undefined);
  const ref = spec.ref || DEFAULT_REF;
  const mirrored = local === undefined && remote ? await openMirror(remote, options) : undefined;
  const found = mirrored ?? { gitDir: await findGitDir(local ?? '') };
  const repository = await GitRepository.open({ gitDir: found.gitDir, gitBinary });
  const place = { gitDir: found.gitDir, gitBinary };
  return {
    ...found, repository, history: new GitHistory({ ...place, ...(mirrored ? { head: ref } : {}) }), git: new UserGit(place), ref, ignore: ignoreRules(spec.ignore), ...(remote ? { remote } : {}),
    close: () => repository.close(),
  };
}

/** Its versions are its commits. */
async function openChart({ chart, spec, credentials = noCredentials, version, cacheDir, gitBinary, signal }: CheckoutOptions & { readonly chart: string }): Promise<Checkout> {
  const { openChartCheckout } = await import('./chart-checkout.ts');
  const { gitDir, ref, history } = await openChartCheckout({ spec: { ...spec, chart }, version, credentials, cacheDir, gitBinary, signal });
  const repository = await GitRepository.open({ gitDir, gitBinary });
  return { gitDir, repository, history, ref, chart, git: new UserGit({ gitDir, gitBinary }), ignore: ignoreRules(spec.ignore), close: () => repository.close() };
}

const noCredentials = (): Promise<Credentials> => Promise.resolve({ type: 'none' });

interface Mirror {
  readonly gitDir: string;
  readonly problem?: SourceError;
}

async function openMirror(remote: RemoteRepository, options: CheckoutOptions): Promise<Mirror> {
  const { cacheDir, gitBinary, enough, signal } = options;
  const gitDir = join(cacheDir, `${createHash('sha256').update(remote.url).digest('hex').slice(0, 16)}.git`);
  const git = new UserGit({ gitDir, gitBinary });
  const call = signal ? { signal } : {};
  await makeBare(gitDir, { gitBinary, ...call });
  if (enough !== undefined && (await git.try(['cat-file', '-e', `${enough}^{commit}`], call)).code === 0) return { gitDir };
  try {
    await fetchAll(git, remote, signal);
    return { gitDir };
  } catch (error) {
    const isEmpty = (await git.run(['for-each-ref', '--count=1'], call)) === '';
    if (!(error instanceof SourceError) || isEmpty) throw error;
    return { gitDir, problem: error };
  }
}

/** Another command that fetches the same mirror is done before so many tries are. */
const MAX_FETCHES = 5;

/** Branches and tags as they are now, into a mirror. @throws SourceError GitFailed */
async function fetchAll(git: UserGit, remote: RemoteRepository, signal?: AbortSignal): Promise<void> {
  const args = ['fetch', '--quiet', '--force', '--prune', '--no-tags', '--no-write-fetch-head', REMOTE_NAME, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  for (let tries = 1; ; tries++) {
    const { code, stderr } = await git.try(args, { ...remoteCall(remote), ...(signal ? { signal } : {}) });
    if (code === 0) return;
    if (await removeStaleLocks(stderr)) continue;
    if (tries === MAX_FETCHES || !isLocked(stderr)) throw new SourceError('GitFailed', `git fetch: ${stderr || `exit code ${code}`}`);
  }
}

/** Not `origin`: a clone has one already. */
export const REMOTE_NAME = 'headway';

/** What a call needs to reach the remote under {@link REMOTE_NAME}, by the transport of its URL and no other. */
export const remoteCall = ({ url, protocols }: RemoteRepository) => ({
  env: { GIT_ALLOW_PROTOCOL: protocols }, config: { [`remote.${REMOTE_NAME}.url`]: url, 'http.lowSpeedLimit': '1000', 'http.lowSpeedTime': '30' },
});
