/** What stands in the place of an action inside of a line, so that the rest can be read as YAML. */
export const ACTION = '__action__';

const ACTIONS = /\{\{[^]*?\}\}/g;
/** Of the private use area: in no manifest. */
const MARK = '\uE000';
/** Lines of actions only: conditions, loops, includes. */
const ONLY_ACTIONS = /^[\t ]*(?:\uE000[\t ]*)+$/;

/**
 * A Go template with its actions taken out, line for line: one that fills its lines leaves them empty, one inside a line leaves {@link ACTION}.
 * Of a condition all branches stay.
 */
export function withoutActions(text: string): string {
  const marked = text.replaceAll(ACTIONS, (action) => MARK + '\n'.repeat(action.split('\n').length - 1));
  return marked.split('\n').map((line) => (ONLY_ACTIONS.test(line) ? '' : line.replaceAll(MARK, ACTION))).join('\n');
}

/** `image.tag` for each `.Values.image.tag` of a text, in order. */
export const valueReferences = (text: string): readonly string[] => [...text.matchAll(/\.Values\.([\w-]+(?:\.[\w-]+)*)/g)].map(([, path = '']) => path);

/** The names of the templates that a text includes. */
export const includes = (text: string): readonly string[] => [...text.matchAll(/\b(?:include|template)\s+"([^"]+)"/g)].map(([, name = '']) => name);

/** One-based lines of the body of a `define`, both ends included; undefined when the text has none of that name. */
export function definition(text: string, name: string): { readonly first: number; readonly last: number } | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => new RegExp(`\\{\\{-?\\s*define\\s+"${name.replaceAll(/[^\w]/g, String.raw`\$&`)}"`).test(line));
  if (start < 0) return undefined;
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    for (const [, word] of (lines[i] ?? '').matchAll(/\{\{-?\s*(define|if|range|with|block|end)\b/g)) depth += word === 'end' ? -1 : 1;
    if (depth === 0) return { first: start + 1, last: i + 1 };
  }
  return undefined;
}
