/** Lines around a change that are shown with it. */
const CONTEXT_LINES = 3;
/** Larger texts are compared as a whole: the table of two texts of 2,000 lines has four million cells. */
const MAX_CELLS = 4_000_000;

type Edit = { readonly sign: ' ' | '-' | '+'; readonly text: string };

/** A unified diff without file names: hunks of lines with ` `, `-` and `+`. Empty when both are the same. */
export function lineDiff(before: string, after: string): string {
  if (before === after) return '';
  const edits = editsBetween(linesOf(before), linesOf(after));
  return hunks(edits).map((hunk) => [header(edits, hunk), ...edits.slice(hunk.start, hunk.end).map(({ sign, text }) => sign + text)].join('\n')).join('\n');
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const edit = (sign: Edit['sign']) => (text: string): Edit => ({ sign, text });

/** What both begin and end with is taken off first: a change is mostly small. */
function editsBetween(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const [old, now] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const middle = (old.length + 1) * (now.length + 1) > MAX_CELLS ? [...old.map(edit('-')), ...now.map(edit('+'))] : longestCommon(old, now);
  return [...before.slice(0, head).map(edit(' ')), ...middle, ...before.slice(before.length - tail).map(edit(' '))];
}

/** By the table of longest common subsequences of the rests of both. */
function longestCommon(old: readonly string[], now: readonly string[]): readonly Edit[] {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) lengths[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      edits.push({ sign: ' ', text: old[i++] ?? '' });
      j++;
    } else if (j >= now.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))) edits.push({ sign: '-', text: old[i++] ?? '' });
    else edits.push({ sign: '+', text: now[j++] ?? '' });
  }
  return edits;
}

interface Hunk { readonly start: number; readonly end: number }

/** Changes that share lines of context are one hunk. */
function hunks(edits: readonly Edit[]): readonly Hunk[] {
  const found: Hunk[] = [];
  edits.forEach(({ sign }, i) => {
    if (sign === ' ') return;
    const [start, end] = [Math.max(0, i - CONTEXT_LINES), Math.min(edits.length, i + CONTEXT_LINES + 1)];
    const last = found.at(-1);
    if (last && start <= last.end) found[found.length - 1] = { start: last.start, end };
    else found.push({ start, end });
  });
  return found;
}

/** `@@ -12,7 +12,8 @@` */
function header(edits: readonly Edit[], { start, end }: Hunk): string {
  const range = (sign: '-' | '+'): string => {
    const count = (part: readonly Edit[]): number => part.filter((e) => e.sign === ' ' || e.sign === sign).length;
    const length = count(edits.slice(start, end));
    return `${sign}${count(edits.slice(0, start)) + (length === 0 ? 0 : 1)},${length}`;
  };
  return `@@ ${range('-')} ${range('+')} @@`;
}
