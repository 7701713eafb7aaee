export type Matches = (text: string) => boolean;

/** By patterns in which `*` stands for any text. A text must match one that has no leading `!`, if there is any, and none that has. */
export function matcher(patterns: readonly string[]): Matches {
  const allowed = patterns.filter((pattern) => !pattern.startsWith('!')).map(expression);
  const denied = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => expression(pattern.slice(1)));
  return (text) => (allowed.length === 0 || allowed.some((one) => one.test(text))) && !denied.some((one) => one.test(text));
}

const expression = (pattern: string): RegExp =>
  new RegExp(`^${pattern.split(/\*+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's');
