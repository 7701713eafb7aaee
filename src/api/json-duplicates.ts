import { type Duplicate, MAX_DUPLICATES } from '#api/duplicates.ts';
import { fieldPath } from '#api/json.ts';
import { lineCounter } from '#api/lines.ts';

/** Members that stand more than once in an object, each time that they stand again, in the order of the text. `text` must be valid JSON. */
export function findDuplicates(text: string): readonly Duplicate[] {
  const scanner = new Scanner(text);
  scanner.value();
  return scanner.duplicates;
}

class Scanner {
  readonly duplicates: Duplicate[] = [];
  readonly #text: string;
  readonly #lineAt: (offset: number) => number;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lineAt = lineCounter(text);
  }

  value(): void {
    const first = this.#next();
    if (first === '{') this.#object();
    else if (first === '[') this.#array();
    else if (first === '"') this.#string();
    else this.#match(/[^\s,\]}]+/y);
  }

  #object(): void {
    const seen = new Set<string>();
    this.#at += 1;
    while (this.#next() !== '}') {
      const start = this.#at;
      const key = this.#string();
      this.#path.push(key);
      if (seen.has(key) && this.duplicates.length < MAX_DUPLICATES) this.duplicates.push({ path: fieldPath(this.#path), key, line: this.#lineAt(start) });
      seen.add(key);
      this.#next();
      this.#at += 1;
      this.value();
      this.#path.pop();
      if (this.#next() === ',') this.#at += 1;
    }
    this.#at += 1;
  }

  #array(): void {
    this.#at += 1;
    for (let index = 0; this.#next() !== ']'; index++) {
      this.#path.push(index);
      this.value();
      this.#path.pop();
      if (this.#next() === ',') this.#at += 1;
    }
    this.#at += 1;
  }

  #string(): string {
    return JSON.parse(this.#match(/"(?:[^"\\]|\\.)*"/y)) as string;
  }

  /** The next character that is no white space, not yet taken. */
  #next(): string {
    this.#match(/\s*/y);
    return this.#text[this.#at] ?? '';
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
