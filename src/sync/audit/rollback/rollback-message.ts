import type { CommitSummary } from '../git-history.ts';
import type { RestoredPaths } from './rollback-tree.ts';

export interface RollbackMessage {
  /** `<namespace>/<name>`. */
  readonly application: string;
  readonly to: CommitSummary;
  readonly paths: RestoredPaths;
  /** In the place of the usual first paragraph. */
  readonly text?: string | undefined;
}

const SHORT_COMMIT = 12;

/** Says what the commit is, and for programs (git-interpret-trailers) from which application and commit it comes. */
export function rollbackMessage({ application, to, paths: { folders, files }, text }: RollbackMessage): string {
  const where = folders.map((folder) => folder || 'The whole tree').join(', ');
  return [
    text ?? `Roll back ${application} to ${to.commit.slice(0, SHORT_COMMIT)}`,
    `${where} ${folders.length === 1 ? 'is' : 'are'} as of ${to.date.slice(0, 10)}, "${to.subject}".`,
    ...(files.length > 0 ? [`So are, outside of ${folders.length === 1 ? 'it' : 'them'}, the files that it was rendered from:\n${files.map((file) => `- ${file}`).join('\n')}`] : []),
    `Headway-Application: ${application}\nHeadway-Rollback-To: ${to.commit}`,
  ].join('\n\n').concat('\n');
}
