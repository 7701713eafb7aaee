export interface Line {
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
  /** One-based. */
  readonly line: number;
}

export function linesOf(text: string): readonly Line[] {
  let start = 0;
  return text.split('\n').map((line, index) => {
    const found = { text: line, start, line: index + 1 };
    start += line.length + 1;
    return found;
  });
}
