import { Fault, GIVEN_UP } from './fault.ts';
import { skipBlock, skipPlain, skipQuoted } from './scalars.ts';
import { isBlank, isBreak, isEnd, isSpace, type Mark, TextCursor } from './text-cursor.ts';

export type TokenType =
  | 'stream-end' | 'document-start' | 'document-end' | 'block-sequence-start' | 'block-mapping-start' | 'block-end' | '[' | ']' | '{' | '}'
  | 'entry' | ',' | 'key' | 'value' | 'alias' | 'anchor' | 'tag' | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly line: number;
  /** The name of an anchor or alias; the handle of a tag. */
  readonly name?: string;
}

/** A token that is the key of a mapping if `:` follows in its line. */
interface PossibleKey {
  readonly mark: Mark;
  /** It stands where nothing but a key may. */
  readonly isRequired: boolean;
  readonly number: number;
}

const MAX_KEY_LENGTH = 1024;
const NEVER_FIRST = new Set('-?:,[]{}#&*!|>\'"%@`');
const AFTER_ANCHOR = new Set('?:,]}%@`');
const TAG_CHARACTER = /^[\w\-;/?:@&=+$,.!~*'()[\]%]$/;

/**
 * The tokens of a YAML text as goyaml (libyaml) makes them, which has its own view of where keys may stand. It is only asked about texts that
 * cannot be read; what it does not know of (directives) it gives up on.
 */
export class Scanner {
  readonly #text: TextCursor;
  readonly #tokens: Token[] = [];
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #mayBeKey = true;
  /** The last possible key of the block, and of each flow collection that is open in it. */
  readonly #keys: (PossibleKey | undefined)[] = [undefined];

  constructor(text: string) {
    this.#text = new TextCursor(text);
  }

  /** @throws Fault */
  peek(): Token {
    while (this.#tokens.length === 0 || this.#isUndecided()) this.#fetch();
    return this.#tokens[0] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.#tokens.shift();
    this.#taken += 1;
    return token;
  }

  get #isInFlow(): boolean {
    return this.#keys.length > 1;
  }

  /** The next token may turn out to be a key, before which others are put. */
  #isUndecided(): boolean {
    this.#dropStaleKeys();
    return this.#keys.some((key) => key?.number === this.#taken);
  }

  #fault(problem: string): Fault {
    return new Fault(problem, this.#text.line === 0 ? 0 : this.#text.line + 1);
  }

  #fetch(): void {
    const text = this.#text;
    this.#skipToToken();
    this.#dropStaleKeys();
    this.#unroll(text.column);
    const [first, next] = [text.at(), text.at(1)];
    if (isEnd(first)) return this.#streamEnd();
    if (text.column === 0 && first === '%') throw GIVEN_UP;
    if (text.isAtDocumentMark()) return this.#documentMark(first === '-' ? 'document-start' : 'document-end');
    if (first === '[' || first === '{') return this.#open(first);
    if (first === ']' || first === '}') return this.#close(first);
    if (first === ',') return this.#indicator(',', true);
    if (first === '-' && isSpace(next)) return this.#entry();
    if (first === '?' && (this.#isInFlow || isSpace(next))) return this.#complexKey();
    if (first === ':' && (this.#isInFlow || isSpace(next))) return this.#value();
    if (first === '*' || first === '&') return this.#anchor(first === '*' ? 'alias' : 'anchor');
    if (first === '!') return this.#tag();
    if ((first === '|' || first === '>') && !this.#isInFlow) return this.#blockScalar();
    if (first === "'" || first === '"') return this.#simple({ type: 'scalar', line: text.line }, () => skipQuoted(text, first));
    if (this.#mayBeginPlain(first, next)) return this.#plain();
    throw this.#fault('found character that cannot start any token');
  }

  #mayBeginPlain(first: string, next: string): boolean {
    if (!isSpace(first) && !NEVER_FIRST.has(first)) return true;
    return (first === '-' && !isBlank(next)) || (!this.#isInFlow && (first === '?' || first === ':') && !isSpace(next));
  }

  #skipToToken(): void {
    const text = this.#text;
    for (;;) {
      if (text.column === 0 && text.at() === '\ufeff') text.skip();
      // A tab is no indentation.
      text.skipWhile((character) => character === ' ' || (character === '\t' && (this.#isInFlow || !this.#mayBeKey)));
      text.skipComment();
      if (!isBreak(text.at())) return;
      text.skipBreak();
      if (!this.#isInFlow) this.#mayBeKey = true;
    }
  }

  #dropStaleKeys(): void {
    const { line, position } = this.#text.mark;
    for (const [level, key] of this.#keys.entries()) {
      if (key && (key.mark.line < line || key.mark.position + MAX_KEY_LENGTH < position)) this.#dropKey(level);
    }
  }

  #dropKey(level = this.#keys.length - 1): void {
    if (this.#keys[level]?.isRequired) throw this.#fault("could not find expected ':'");
    this.#keys[level] = undefined;
  }

  #saveKey(): void {
    if (!this.#mayBeKey) return;
    const { mark } = this.#text;
    this.#dropKey();
    this.#keys[this.#keys.length - 1] = { mark, isRequired: !this.#isInFlow && this.#indent === mark.column, number: this.#taken + this.#tokens.length };
  }

  /** Opens a block collection when the column is beyond the present one. @param at place in the queue. Default: its end */
  #roll(column: number, type: TokenType, line: number, at = this.#tokens.length): void {
    if (this.#isInFlow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#tokens.splice(at, 0, { type, line });
  }

  #unroll(column: number): void {
    if (this.#isInFlow) return;
    while (this.#indent > column) {
      this.#tokens.push({ type: 'block-end', line: this.#text.line });
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #streamEnd(): void {
    if (this.#text.column !== 0) this.#text.nextLine();
    this.#unroll(-1);
    this.#dropKey();
    this.#mayBeKey = false;
    this.#tokens.push({ type: 'stream-end', line: this.#text.line });
  }

  #documentMark(type: TokenType): void {
    this.#unroll(-1);
    this.#dropKey();
    this.#mayBeKey = false;
    this.#tokens.push({ type, line: this.#text.line });
    this.#text.skip(3);
  }

  #indicator(type: TokenType, mayBeKey: boolean): void {
    this.#dropKey();
    this.#mayBeKey = mayBeKey;
    this.#tokens.push({ type, line: this.#text.line });
    this.#text.skip();
  }

  #open(type: '[' | '{'): void {
    this.#saveKey();
    this.#keys.push(undefined);
    this.#mayBeKey = true;
    this.#tokens.push({ type, line: this.#text.line });
    this.#text.skip();
  }

  #close(type: ']' | '}'): void {
    this.#dropKey();
    // The collection as a whole may be a key, or follow the tag of one.
    if (this.#isInFlow) this.#keys.pop();
    this.#mayBeKey = false;
    this.#tokens.push({ type, line: this.#text.line });
    this.#text.skip();
  }

  #entry(): void {
    if (!this.#isInFlow && !this.#mayBeKey) throw this.#fault('block sequence entries are not allowed in this context');
    this.#roll(this.#text.column, 'block-sequence-start', this.#text.line);
    this.#indicator('entry', true);
  }

  #complexKey(): void {
    if (!this.#isInFlow && !this.#mayBeKey) throw this.#fault('mapping keys are not allowed in this context');
    this.#roll(this.#text.column, 'block-mapping-start', this.#text.line);
    this.#indicator('key', !this.#isInFlow);
  }

  #value(): void {
    const key = this.#keys.at(-1);
    if (key) {
      const at = key.number - this.#taken;
      this.#tokens.splice(at, 0, { type: 'key', line: key.mark.line });
      this.#roll(key.mark.column, 'block-mapping-start', key.mark.line, at);
      this.#keys[this.#keys.length - 1] = undefined;
      return this.#indicator('value', false);
    }
    if (!this.#isInFlow && !this.#mayBeKey) throw this.#fault('mapping values are not allowed in this context');
    this.#roll(this.#text.column, 'block-mapping-start', this.#text.line);
    // A key that was dropped before is no fault here.
    this.#mayBeKey = !this.#isInFlow;
    this.#tokens.push({ type: 'value', line: this.#text.line });
    this.#text.skip();
  }

  /** A token that may be a key itself, and after which none may begin. */
  #simple(token: Token, skip: () => void): void {
    this.#saveKey();
    this.#mayBeKey = false;
    skip();
    this.#tokens.push(token);
  }

  #plain(): void {
    let isBehindBreak = false;
    this.#simple({ type: 'scalar', line: this.#text.line }, () => {
      isBehindBreak = skipPlain(this.#text, { indent: this.#indent, isInFlow: this.#isInFlow });
    });
    if (isBehindBreak) this.#mayBeKey = true;
  }

  #blockScalar(): void {
    this.#dropKey();
    this.#mayBeKey = true;
    const { line } = this.#text;
    skipBlock(this.#text, this.#indent);
    this.#tokens.push({ type: 'scalar', line });
  }

  #anchor(type: 'alias' | 'anchor'): void {
    const { line } = this.#text;
    let name = '';
    this.#saveKey();
    this.#mayBeKey = false;
    for (this.#text.skip(); /^[\w-]$/.test(this.#text.at()); this.#text.skip()) name += this.#text.at();
    if (name === '' || !(isSpace(this.#text.at()) || AFTER_ANCHOR.has(this.#text.at()))) throw this.#fault('did not find expected alphabetic or numeric character');
    this.#tokens.push({ type, line, name });
  }

  #tag(): void {
    const { line } = this.#text;
    let tag = '';
    this.#saveKey();
    this.#mayBeKey = false;
    if (this.#text.at(1) === '<') throw GIVEN_UP;
    for (; TAG_CHARACTER.test(this.#text.at()); this.#text.skip()) tag += this.#text.at();
    if (!isSpace(this.#text.at())) throw this.#fault('did not find expected whitespace or line break');
    this.#tokens.push({ type: 'tag', line, name: /^![\w-]*!/.exec(tag)?.[0] ?? '!' });
  }
}
