/** Comments of Go sources, and what Kubernetes' OpenAPI makes of them (kube-openapi, `generateDescription`). */

/** Gathers the comments above the next declaration, line by line. */
export class CommentsAbove {
  #all: string[] = [];
  #doc: string[] = [];

  /** Trimmed lines. Markers stand above a type, sometimes with one blank line (a second comment block) in between. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** Of the block that touches the declaration, with the indentation inside it. */
  get doc(): readonly string[] {
    return this.#doc;
  }

  /** False when the line is no comment. */
  take(line: string): boolean {
    if (!line.startsWith('//')) return false;
    this.#all.push(line.slice(2).trim());
    this.#doc.push(line.slice(2).replace(/^ /, '').trimEnd());
    return true;
  }

  /** After a line that is no comment. */
  endLine(line: string): void {
    this.#doc = [];
    if (line !== '') this.#all = [];
  }
}

/** Paragraphs are kept, however many empty lines part them, indented lines stand by themselves, and what is meant for generators and authors is left out. */
export function descriptionOf(lines: readonly string[]): string {
  const end = lines.indexOf('---');
  let text = '';
  for (const [i, line] of (end < 0 ? lines : lines.slice(0, end)).entries()) {
    if (line === '' && lines[i - 1] === '') continue;
    if (line === '') text = `${text.slice(0, -1)}\n\n`;
    else if (/^ *(?:TODO|\+)/.test(line)) continue;
    else if (/^[ \t]/.test(line)) text = `${text.slice(0, -1)}\n${line}\n`;
    else text += `${line} `;
  }
  return text.trim();
}
