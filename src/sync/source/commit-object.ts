import { ownText } from '#base/own-memory.ts';

export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <address>`. */
  readonly author: string;
  /** When it was committed, in seconds since the epoch. */
  readonly time: number;
}

/** The head of a commit object (see gitformat-commit): `tree`, `parent` lines, `author`, and what is not looked at. Undefined for what is none. */
export function parseCommit(oid: string, content: Buffer): Commit | undefined {
  const end = content.indexOf('\n\n');
  const head = content.toString('utf8', 0, end < 0 ? content.length : end).split('\n');
  const values = (name: string): readonly string[] => head.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  const [tree] = values('tree');
  const author = /^(.*) <(.*?)>/.exec(values('author')[0] ?? '');
  const time = Number(/ (\d+) [+-]\d+$/.exec(values('committer')[0] ?? '')?.[1] ?? 0);
  return tree === undefined ? undefined : { oid, tree, parents: values('parent'), author: ownText(`${author?.[1] ?? ''} <${author?.[2] ?? ''}>`), time };
}
