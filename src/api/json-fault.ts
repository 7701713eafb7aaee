/** What Go's decoder says of a text that is no JSON, undefined of one that is. Clients show these words, and some look for them. */
export function jsonFault(text: string): string | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.scan();
    return undefined;
  } catch (fault) {
    if (fault instanceof Fault) return fault.words;
    throw fault;
  }
}

class Fault {
  readonly words: string;

  constructor(words: string) {
    this.words = words;
  }
}

const SPACE = /[ \t\r\n]*/y;
/** Neither a quote nor a backslash, nor what must be escaped. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const DIGITS = /\d*/y;
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

/** Follows the grammar up to the first character that has no place in it. Depth is a list, not recursion. */
class Scanner {
  readonly #text: string;
  readonly #open: ('{' | '[')[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): void {
    do while (this.#value());
    while (this.#next());
    if (this.#at < this.#text.length) this.#fail('after top-level value');
  }

  /** Whether another value begins in this one. */
  #value(): boolean {
    const c = this.#look();
    if (c === '{' || c === '[') return this.#enter(c);
    if (c === '"') this.#string();
    else if (c === '-' || isDigit(c)) this.#number();
    else this.#literal(LITERALS[c]);
    return false;
  }

  #literal(literal: string | undefined): void {
    if (literal === undefined) this.#fail('looking for beginning of value');
    for (const [i, expected] of [...literal].entries()) this.#expect(this.#text[this.#at] === expected, `in literal ${literal} (expecting '${literal[i]}')`);
  }

  #enter(bracket: '{' | '['): boolean {
    this.#at += 1;
    const isEmpty = this.#look() === (bracket === '{' ? '}' : ']');
    if (isEmpty) this.#at += 1;
    else this.#open.push(bracket);
    if (!isEmpty && bracket === '{') this.#key();
    return !isEmpty;
  }

  /** Goes on behind a value: whether another one follows. */
  #next(): boolean {
    for (let bracket = this.#open.at(-1); bracket !== undefined; bracket = this.#open.at(-1)) {
      const c = this.#look();
      if (c === ',') {
        this.#at += 1;
        if (bracket === '{') this.#key();
        return true;
      }
      this.#expect(c === (bracket === '{' ? '}' : ']'), bracket === '{' ? 'after object key:value pair' : 'after array element');
      this.#open.pop();
    }
    this.#look();
    return false;
  }

  #key(): void {
    if (this.#look() !== '"') this.#fail('looking for beginning of object key string');
    this.#string();
    this.#expect(this.#look() === ':', 'after object key');
  }

  #string(): void {
    this.#at += 1;
    for (;;) {
      this.#skip(PLAIN);
      const c = this.#text[this.#at];
      this.#expect(c === '"' || c === '\\', 'in string literal');
      if (c === '"') return;
      this.#expect('bfnrt\\/"u'.includes(this.#text[this.#at] ?? ' '), 'in string escape code');
      if (this.#text[this.#at - 1] === 'u') for (let i = 0; i < 4; i++) this.#expect(/[\da-fA-F]/.test(this.#text[this.#at] ?? ''), 'in \\u hexadecimal character escape');
    }
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at += 1;
    const isZero = this.#text[this.#at] === '0';
    this.#expect(isDigit(this.#text[this.#at]), 'in numeric literal');
    if (!isZero) this.#skip(DIGITS);
    if (this.#text[this.#at] === '.') this.#digits(1, 'after decimal point in numeric literal');
    if (/[eE]/.test(this.#text[this.#at] ?? '')) this.#digits(/[-+]/.test(this.#text[this.#at + 1] ?? '') ? 2 : 1, 'in exponent of numeric literal');
  }

  #digits(from: number, context: string): void {
    this.#at += from;
    this.#expect(isDigit(this.#text[this.#at]), context);
    this.#skip(DIGITS);
  }

  /** The next character that is no space; empty at the end. */
  #look(): string {
    this.#skip(SPACE);
    return this.#text[this.#at] ?? '';
  }

  #skip(what: RegExp): void {
    what.lastIndex = this.#at;
    this.#at += what.exec(this.#text)?.[0].length ?? 0;
  }

  #expect(isThere: boolean, context: string): void {
    if (!isThere) this.#fail(context);
    this.#at += 1;
  }

  #fail(context: string): never {
    const c = this.#text[this.#at];
    throw new Fault(c === undefined ? 'unexpected end of JSON input' : `invalid character ${quoted(c)} ${context}`);
  }
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

const ESCAPES: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '\'': '\\\'' };

/** Go looks at bytes: of a character that takes several it names the first. */
function quoted(c: string): string {
  const byte = String.fromCharCode(Buffer.from(c)[0] ?? 0);
  const isControl = byte < ' ' || byte === '\u007f';
  return `'${ESCAPES[byte] ?? (isControl ? `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}` : byte)}'`;
}
