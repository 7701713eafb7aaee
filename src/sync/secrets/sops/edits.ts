import type { Range } from './sops-document.ts';

export interface Edit {
  readonly range: Range;
  readonly text: string;
}

/** Replaces ranges that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { range: [start, end], text: replacement } of edits.toSorted((a, b) => a.range[0] - b.range[0])) {
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  return parts.join('') + text.slice(at);
}

/** Takes a range out and leaves its line breaks, so that what follows keeps its lines. */
export const blank = (text: string, range: Range): Edit => ({ range, text: '\n'.repeat(text.slice(...range).split('\n').length - 1) });
