export interface Mark {
  readonly position: number;
  /** From 0, as the column. */
  readonly line: number;
  readonly column: number;
}

const BREAKS = new Set(['\r', '\n', '\u0085', '\u2028', '\u2029']);
export const isBreak = (character: string): boolean => BREAKS.has(character);
export const isBlank = (character: string): boolean => character === ' ' || character === '\t';
/** The end of the text is the empty string. */
export const isEnd = (character: string): boolean => character === '' || character === '\0';
export const isBreakOrEnd = (character: string): boolean => isBreak(character) || isEnd(character);
export const isSpace = (character: string): boolean => isBlank(character) || isBreakOrEnd(character);

/** A place in a text, which moves on. */
export class TextCursor {
  readonly #text: string;
  #position = 0;
  #line = 0;
  #column = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get mark(): Mark {
    return { position: this.#position, line: this.#line, column: this.#column };
  }

  get line(): number {
    return this.#line;
  }

  get column(): number {
    return this.#column;
  }

  at(offset = 0): string {
    return this.#text.charAt(this.#position + offset);
  }

  skip(count = 1): void {
    this.#position += count;
    this.#column += count;
  }

  skipWhile(is: (character: string) => boolean): void {
    while (is(this.at())) this.skip();
  }

  /** To the next line, if this one is at its end. */
  skipBreak(): void {
    if (!isBreak(this.at())) return;
    this.#position += this.at() === '\r' && this.at(1) === '\n' ? 2 : 1;
    this.nextLine();
  }

  /** Counts a line that has no break. */
  nextLine(): void {
    this.#line += 1;
    this.#column = 0;
  }

  /** A comment, up to the end of its line. */
  skipComment(): void {
    if (this.at() === '#') while (!isBreakOrEnd(this.at())) this.skip();
  }

  /** `---` or `...` at the beginning of a line. */
  isAtDocumentMark(): boolean {
    const start = this.at() + this.at(1) + this.at(2);
    return this.#column === 0 && (start === '---' || start === '...') && isSpace(this.at(3));
  }
}
