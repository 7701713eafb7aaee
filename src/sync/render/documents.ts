/** One document of a YAML stream, cut as kubectl cuts it: at lines that start with `---`. */
export interface YamlDocument {
  readonly text: string;
  /** Lines of the file before the document's text. */
  readonly lineOffset: number;
  /** One-based line of the file with the first content. */
  readonly line: number;
}

/** Documents that hold nothing but comments are left out. Each ends with a line break, also the last of a file without: a text at its end would lack it. */
export function splitDocuments(text: string): readonly YamlDocument[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (/^---(\s|$)/.test(line) ? [index] : []));
  const bounds = [-1, ...starts, lines.length];
  return bounds.slice(0, -1).flatMap((start, i) => {
    const body = lines.slice(start + 1, bounds[i + 1]);
    // What follows `---` on its own line belongs to the document; the separator itself would start another one.
    const head = start < 0 ? [] : [(lines[start] ?? '').replace(/^---/, '   ')];
    const offset = start < 0 ? 0 : start;
    const all = [...head, ...body];
    const first = all.findIndex((line) => !/^\s*(#|$|%|\.\.\.\s*$)/.test(line));
    return first < 0 ? [] : [{ text: `${all.join('\n').replace(/\n$/, '')}\n`, lineOffset: offset, line: offset + first + 1 }];
  });
}
