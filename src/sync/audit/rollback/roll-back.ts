import { randomUUID } from 'node:crypto';
import type { Application } from '#api/headway/v1/types.ts';
import { keyOf } from '#api/object.ts';
import { SourceError } from '../../errors.ts';
import { applicationFolders } from '../../application/application-names.ts';
import { outsideOf, unitsOf } from '../application-units.ts';
import { REMOTE_NAME, remoteCall, type Checkout } from '../checkout.ts';
import { isReadOnly, publish } from './publish.ts';
import { rollbackMessage } from './rollback-message.ts';
import { changedFiles, restoredTree, type RestoredPaths } from './rollback-tree.ts';

export interface RollbackRequest {
  readonly checkout: Checkout;
  readonly application: Application;
  /** Full id of the commit to go back to. */
  readonly to: string;
  /** A new branch for the commit; default: the branch that the repository follows. */
  readonly branch?: string | undefined;
  /** Default: as commit.gpgSign says. */
  readonly sign?: boolean | undefined;
  readonly message?: string | undefined;
  readonly isDryRun: boolean;
  readonly signal?: AbortSignal;
}

export type RollbackOutcome =
  | ({ readonly type: 'done' | 'planned'; readonly commit?: string; readonly workTree?: string | undefined } & RollbackPlan)
  /** The newest commit has these contents already. */
  | { readonly type: 'unchanged'; readonly branch: string }
  /** It cannot be done as asked; nothing was changed. */
  | { readonly type: 'refused'; readonly why: string }
  /** Git cannot be reached or written to. */
  | { readonly type: 'unwritable'; readonly why: string };

export interface RollbackPlan {
  readonly branch: string;
  /** The commit that it stands on. */
  readonly onto: string;
  readonly paths: RestoredPaths;
  /** `M apps/web.yaml`. */
  readonly files: readonly string[];
  readonly message: string;
}

/** Others write too: each time they were first, the same is done on top of theirs. */
const MAX_TRIES = 50;

/**
 * Gives the application's folders, and what they were rendered from, the contents of an earlier commit, by one commit on top of the newest. Commits that come in
 * between are kept: it is then done anew on top of them.
 */
export async function rollBack(request: RollbackRequest): Promise<RollbackOutcome> {
  const { checkout, application, to, isDryRun } = request;
  const branch = request.branch ?? checkout.ref.replace(/^refs\/heads\//, '');
  try {
    const paths = await pathsOf(checkout, application, to);
    if (typeof paths === 'string') return { type: 'refused', why: paths };
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const head = await newest(checkout, request);
      if ('why' in head) return { type: 'unwritable', why: head.why };
      const onto = head.commit;
      if (onto === undefined) return { type: 'refused', why: `the repository follows ${checkout.ref}, which is no branch; use --branch, and have it followed` };
      const tree = await restoredTree(checkout.gitDir, { onto, from: to, paths });
      const files = await changedFiles(checkout.git, onto, tree);
      if (files.length === 0) return { type: 'unchanged', branch };
      const message = rollbackMessage({ application: keyOf(application), to: await checkout.history.summary(to), paths, text: request.message });
      const plan: RollbackPlan = { branch, onto, paths, files, message };
      if (isDryRun) return { type: 'planned', ...plan };
      const commit = await commitTree(request, { tree, onto, message });
      const outcome = await publish(checkout, { ref: `refs/heads/${branch}`, commit, expected: request.branch === undefined ? onto : undefined, signal: request.signal });
      if (outcome.type === 'published') return { type: 'done', commit, workTree: outcome.workTree, ...plan };
      if (outcome.type !== 'moved') return outcome;
      if (request.branch !== undefined) return { type: 'refused', why: `branch ${branch} is there already` };
    }
    return { type: 'refused', why: `others moved ${branch} ${MAX_TRIES} times meanwhile; try again` };
  } catch (error) {
    if (error instanceof SourceError && isReadOnly(error.message)) return { type: 'unwritable', why: error.message };
    throw error;
  }
}

/** The application's folders, and the files outside of them that they were rendered from at the commit; or what is wrong with it. */
async function pathsOf({ repository, ignore }: Checkout, application: Application, to: string): Promise<RestoredPaths | string> {
  const units = await unitsOf({ application, repository, ignore }, (await repository.commit(to)).tree);
  const missing = applicationFolders(application).filter((folder) => !units.some((unit) => unit.folder === folder));
  if (missing.length > 0) return `commit ${to.slice(0, 12)} has no folder ${missing.join(', ')}`;
  const outside = new Set(units.flatMap(outsideOf).filter((path) => !applicationFolders(application).some((folder) => path.startsWith(`${folder}/`))));
  return { folders: applicationFolders(application), files: [...outside].sort() };
}

/** The newest commit of what is followed, as the remote has it now; none when a branch is needed and there is no such. Or why it cannot be asked. */
async function newest({ git, history, ref, remote }: Checkout, { branch, signal }: RollbackRequest): Promise<{ readonly commit: string | undefined } | { readonly why: string }> {
  const head = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
  const ofAnyKind = async (): Promise<string | undefined> => (branch === undefined ? undefined : history.resolve(ref));
  if (!remote) return { commit: (await history.resolve(head)) ?? (await ofAnyKind()) };
  // A name of its own: whoever else uses the mirror now would hold its lock.
  const fetched = `refs/headway/${randomUUID()}`;
  const { code, stderr } = await git.try(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', REMOTE_NAME, `+${head}:${fetched}`], { ...remoteCall(remote), ...(signal ? { signal } : {}) });
  if (code !== 0) return /couldn't find remote ref/i.test(stderr) ? { commit: await ofAnyKind() } : { why: `git fetch: ${stderr}` };
  const commit = await history.resolve(fetched);
  await git.run(['update-ref', '-d', fetched]);
  return { commit };
}

async function commitTree({ checkout: { git }, sign }: RollbackRequest, { tree, onto, message }: { readonly tree: string; readonly onto: string; readonly message: string }): Promise<string> {
  // Unlike "commit", this plumbing does not look at the configuration by itself.
  const isSigned = sign ?? (await git.try(['config', '--type=bool', '--get', 'commit.gpgSign'])).stdout.trim() === 'true';
  return git.run(['commit-tree', ...(isSigned ? ['-S'] : []), '-p', onto, '-F', '-', tree], { input: message });
}
