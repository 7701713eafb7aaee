/** What a branch, a tag, a full ref name or a full commit id may be called inside a repository, in the order in which they are tried. */
export const refNames = (ref: string): readonly string[] =>
  isCommitId(ref) || ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/remotes/${ref}`];

export const isCommitId = (ref: string): boolean => /^[0-9a-f]{40}$/.test(ref);

/** The rules of git-check-ref-format that keep a name from being read as an expression or an option. */
export const isSafeRef = (ref: string): boolean =>
  ref !== '' && ref.length <= 255 && !/[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\/|\.lock$|^[-/]|[/.]$/u.test(ref);
