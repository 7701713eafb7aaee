import { HeadwayError } from '#base/errors.ts';

/** Whether a text has a match of the pattern. */
export type Matcher = (text: string) => boolean;

/** Longer texts do not match: a backtracking engine may take time that grows with a power of the length. */
const MAX_TEXT = 64 * 1024;
/** The same where repetitions are nested, and time may grow exponentially. */
const MAX_TEXT_NESTED = 4096;
const MAX_REPEAT = 1000;

/** A pattern that Go's regexp would refuse; the message is worded as it does. */
export class PatternError extends HeadwayError {
  readonly code = 'pattern';
  readonly isRetryable = false;

  constructor(message: string) {
    super(message, {});
  }
}

/**
 * Compiles a pattern of Go's RE2 syntax to one of JavaScript: what RE2 has not (look-around, back references) is refused, what it
 * writes otherwise (named groups, flags, classes, escapes) is translated.
 * @throws PatternError
 */
export function compilePattern(pattern: string): Matcher {
  const translator = new Translator(pattern);
  const source = translator.translate();
  let regex: RegExp;
  try {
    regex = new RegExp(source, 'u');
  } catch (error) {
    throw new PatternError(`error parsing regexp: ${(error as Error).message.replace(/^.*: /, '')}: \`${pattern}\``);
  }
  const max = translator.hasNestedRepeats ? MAX_TEXT_NESTED : MAX_TEXT;
  return (text) => text.length <= max && regex.test(text);
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\\x00-\\x7F', blank: '\\t ', cntrl: '\\x00-\\x1F\\x7F', digit: '0-9', graph: '!-~', lower: 'a-z',
  print: ' -~', punct: '!-\\/:-@\\[-`\\{-~', space: '\\t\\n\\v\\f\\r ', upper: 'A-Z', word: '0-9A-Za-z_', xdigit: '0-9A-Fa-f',
};
const SPACE = '\\t\\n\\f\\r ';
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;

interface Group {
  /** Closers of flag groups that were opened within. */
  readonly closers: string[];
  readonly isDotAll: boolean;
  hasRepeat: boolean;
}

class Translator {
  hasNestedRepeats = false;
  readonly #text: string;
  #at = 0;
  #out = '';
  #isDotAll = false;
  #groups: Group[] = [{ closers: [], isDotAll: false, hasRepeat: false }];
  /** The group that just ended held a repetition without limit. */
  #endedWithRepeat = false;

  constructor(text: string) {
    this.#text = text;
  }

  translate(): string {
    while (this.#at < this.#text.length) this.#next();
    if (this.#groups.length > 1) throw this.#error('missing closing )', this.#text);
    return this.#out + this.#top().closers.join('');
  }

  #next(): void {
    const c = this.#take();
    const wasGroup = this.#endedWithRepeat;
    this.#endedWithRepeat = false;
    switch (c) {
      case '\\': return this.#escape();
      case '[': return this.#charClass();
      case '(': return this.#open();
      case ')': return this.#close();
      case '.': this.#out += this.#isDotAll ? '[^]' : '[^\\n]'; return;
      case '*': case '+': return this.#repeat(c, wasGroup);
      case '{': return this.#count(wasGroup);
      case '}': case ']': this.#out += `\\${c}`; return;
      default: this.#out += c;
    }
  }

  #take(): string {
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += c.length;
    return c;
  }

  #top(): Group {
    return this.#groups.at(-1) as Group;
  }

  #repeat(c: string, isOfRepeat: boolean): void {
    this.hasNestedRepeats ||= isOfRepeat;
    this.#top().hasRepeat = true;
    this.#out += c;
  }

  #count(isOfRepeat: boolean): void {
    const match = /^(\d+)(?:(,)(\d*))?\}/.exec(this.#text.slice(this.#at));
    if (match === null) {
      this.#out += '\\{';
      return;
    }
    if (Math.max(Number(match[1]), Number(match[3] ?? 0)) > MAX_REPEAT) throw this.#error('invalid repeat count', `{${match[0]}`);
    this.#at += match[0].length;
    this.#repeat(`{${match[0]}`, isOfRepeat && match[2] !== undefined);
  }

  #open(): void {
    const rest = this.#text.slice(this.#at);
    const bad = /^\?(?:[=!]|<[=!]|>)/.exec(rest);
    if (bad !== null) throw this.#error('invalid or unsupported Perl syntax', `(${bad[0]}`);
    const flags = /^\?([ims]*)(?:-([ims]+))?([:)])/.exec(rest);
    if (flags === null) {
      if (/^\?(?!P?<[A-Za-z_]\w*>)/.test(rest)) throw this.#error('invalid or unsupported Perl syntax', `(${rest.slice(0, 2)}`);
      const named = /^\?P?(<\w+>)/.exec(rest);
      this.#at += named?.[0].length ?? 0;
      this.#out += named === null ? '(' : `(?${named[1]}`;
      this.#groups.push({ closers: [], isDotAll: this.#isDotAll, hasRepeat: false });
      return;
    }
    this.#at += flags[0].length;
    this.#openFlags(flags[1] ?? '', flags[2] ?? '', flags[3] === ':');
  }

  #openFlags(on: string, off: string, isGroup: boolean): void {
    const before = this.#isDotAll;
    if (on.includes('s')) this.#isDotAll = true;
    if (off.includes('s')) this.#isDotAll = false;
    const [set, cleared] = [on, off].map((flags) => [...new Set(flags.replaceAll('s', ''))].join('')) as [string, string];
    const start = `(?${set}${cleared === '' ? '' : `-${cleared}`}:`;
    if (isGroup) {
      this.#out += start;
      this.#groups.push({ closers: [], isDotAll: before, hasRepeat: false });
    } else if (set + cleared !== '') {
      this.#out += start;
      this.#top().closers.push(')');
    }
  }

  #close(): void {
    if (this.#groups.length === 1) throw this.#error('unexpected )', this.#text);
    const group = this.#groups.pop() as Group;
    this.#out += `${group.closers.join('')})`;
    this.#isDotAll = group.isDotAll;
    this.#endedWithRepeat = group.hasRepeat;
    if (group.hasRepeat) this.#top().hasRepeat = true;
  }

  #charClass(): void {
    const start = this.#at - 1;
    this.#out += '[';
    if (this.#text[this.#at] === '^') this.#out += this.#take();
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#text.length) throw this.#error('missing closing ]', this.#text.slice(start));
      const c = this.#take();
      if (c === ']' && !isFirst) break;
      const posix = c === '[' ? /^:(\^?)(\w+):\]/.exec(this.#text.slice(this.#at)) : null;
      if (posix !== null) this.#posix(posix);
      else if (c === '\\') this.#escape(true);
      else this.#out += c === '-' ? this.#dash() : SYNTAX.test(c) ? `\\${c}` : c;
    }
    this.#out += ']';
  }

  /** A dash at the end of a class, or before another class, stands for itself. */
  #dash(): string {
    return this.#text[this.#at] === ']' || /[[^\]]$|\\[dDsSwW]$/.test(this.#out.slice(-2)) || /^\\[dDsSwWpP]/.test(this.#text.slice(this.#at)) ? '\\-' : '-';
  }

  #posix(match: RegExpExecArray): void {
    const members = POSIX[match[2] ?? ''];
    if (members === undefined || match[1] === '^') throw this.#error('invalid character class range', `[${match[0]}`);
    this.#at += match[0].length;
    this.#out += members;
  }

  #escape(inClass = false): void {
    if (this.#at >= this.#text.length) throw this.#error('trailing backslash at end of expression', '');
    const c = this.#take();
    const rest = this.#text.slice(this.#at);
    if (c === 'Q') return this.#quote();
    if (c === 'p' || c === 'P') return this.#property(c);
    if (c === 'x') return this.#hex();
    if (c === 's') this.#out += inClass ? SPACE : `[${SPACE}]`;
    else if (c === 'S') this.#out += inClass ? '\\S' : `[^${SPACE}]`;
    else if (c === 'A' && !inClass) this.#out += '(?<![^])';
    else if (c === 'z' && !inClass) this.#out += '(?![^])';
    else if (c === 'a') this.#out += '\\x07';
    else if (/[dDwWnrtfv]/.test(c) || (/[bB]/.test(c) && !inClass)) this.#out += `\\${c}`;
    else if (c === '0' || (/[1-7]/.test(c) && /^[0-7]/.test(rest))) this.#octal(c);
    else if (/[0-9A-Za-z]/.test(c)) throw this.#error('invalid escape sequence', `\\${c}`);
    else this.#out += SYNTAX.test(c) || (inClass && c === '-') ? `\\${c}` : c;
  }

  #quote(): void {
    const end = this.#text.indexOf('\\E', this.#at);
    const quoted = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 2;
    for (const c of quoted) this.#out += SYNTAX.test(c) ? `\\${c}` : c;
  }

  #property(c: string): void {
    const match = /^(?:\{(\^?)(\w+)\}|(\w))/.exec(this.#text.slice(this.#at));
    if (match === null) throw this.#error('invalid character class range', `\\${c}`);
    this.#at += match[0].length;
    const isNegated = (c === 'P') !== (match[1] === '^');
    const name = match[2] ?? match[3] ?? '';
    // Scripts are properties with a name of their own in JavaScript.
    this.#out += `\\${isNegated ? 'P' : 'p'}{${name.length <= 2 ? name : `Script=${name}`}}`;
  }

  #hex(): void {
    const match = /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(this.#text.slice(this.#at));
    if (match === null) throw this.#error('invalid escape sequence', '\\x');
    this.#at += match[0].length;
    this.#out += `\\u{${match[1] ?? match[2]}}`;
  }

  #octal(first: string): void {
    const more = /^[0-7]{0,2}/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    this.#at += more.length;
    this.#out += `\\u{${Number.parseInt(first + more, 8).toString(16)}}`;
  }

  #error(what: string, where: string): PatternError {
    return new PatternError(`error parsing regexp: ${what}: \`${where}\``);
  }
}
