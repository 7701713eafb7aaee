import { Fault } from './fault.ts';
import { isBlank, isBreak, isBreakOrEnd, isEnd, isSpace, type TextCursor } from './text-cursor.ts';

/** How goyaml reads scalars: where they end, and what it refuses in them. Each begins at the cursor, and leaves it behind the scalar. */

const fault = (text: TextCursor, problem: string): Fault => new Fault(problem, text.line === 0 ? 0 : text.line + 1);

const ESCAPES = new Set('0abt\tnvfre "\'\\N_LP');
const CODES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const isHex = (character: string): boolean => /^[\da-fA-F]$/.test(character);

export function skipQuoted(text: TextCursor, quote: '"' | "'"): void {
  text.skip();
  for (;;) {
    if (text.isAtDocumentMark()) throw fault(text, 'found unexpected document indicator');
    if (isEnd(text.at())) throw fault(text, 'found unexpected end of stream');
    while (!isSpace(text.at())) {
      if (quote === "'" && text.at() === "'" && text.at(1) === "'") text.skip(2);
      else if (text.at() === quote) return text.skip();
      else if (quote === '"' && text.at() === '\\') {
        if (skipEscape(text)) break;
      } else text.skip();
    }
    if (text.at() === quote) return text.skip();
    skipSpace(text);
  }
}

/** Whether a line break was escaped, which ends the word. */
function skipEscape(text: TextCursor): boolean {
  const escaped = text.at(1);
  if (isBreak(escaped)) {
    text.skip();
    text.skipBreak();
    return true;
  }
  const length = CODES[escaped] ?? 0;
  if (length === 0 && !ESCAPES.has(escaped)) throw fault(text, 'found unknown escape character');
  text.skip(2);
  let code = 0;
  for (let i = 0; i < length; i++) {
    if (!isHex(text.at(i))) throw fault(text, 'did not find expected hexdecimal number');
    code = code * 16 + Number.parseInt(text.at(i), 16);
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) throw fault(text, 'found invalid Unicode character escape code');
  text.skip(length);
  return false;
}

function skipSpace(text: TextCursor): void {
  for (;;) {
    if (isBlank(text.at())) text.skip();
    else if (isBreak(text.at())) text.skipBreak();
    else return;
  }
}

const FLOW_INDICATORS = new Set(',?[]{}');

/** @returns whether it ended behind a line break, where a key may begin */
export function skipPlain(text: TextCursor, { indent, isInFlow }: { readonly indent: number; readonly isInFlow: boolean }): boolean {
  let isBehindBreak = false;
  for (;;) {
    if (text.isAtDocumentMark() || text.at() === '#') return isBehindBreak;
    while (!isSpace(text.at()) && !(text.at() === ':' && isSpace(text.at(1))) && !(isInFlow && FLOW_INDICATORS.has(text.at()))) {
      isBehindBreak = false;
      text.skip();
    }
    if (!isBlank(text.at()) && !isBreak(text.at())) return isBehindBreak;
    while (isBlank(text.at()) || isBreak(text.at())) {
      if (isBehindBreak && text.column <= indent && text.at() === '\t') throw fault(text, 'found a tab character that violates indentation');
      if (isBlank(text.at())) text.skip();
      else {
        text.skipBreak();
        isBehindBreak = true;
      }
    }
    if (!isInFlow && text.column <= indent) return isBehindBreak;
  }
}

/** `|` and `>`. @param indent of what stands around it */
export function skipBlock(text: TextCursor, indent: number): void {
  text.skip();
  const increment = skipHeader(text);
  text.skipWhile(isBlank);
  text.skipComment();
  if (!isBreakOrEnd(text.at())) throw fault(text, 'did not find expected comment or line break');
  text.skipBreak();
  const own = skipIndentation(text, increment === 0 ? 0 : Math.max(indent, 0) + increment, indent);
  while (text.column === own && !isEnd(text.at())) {
    text.skipWhile((character) => !isBreakOrEnd(character));
    text.skipBreak();
    skipIndentation(text, own, indent);
  }
}

function skipHeader(text: TextCursor): number {
  const isChomping = (): boolean => text.at() === '+' || text.at() === '-';
  if (isChomping()) text.skip();
  const increment = /^\d$/.test(text.at()) ? Number(text.at()) : undefined;
  if (increment === 0) throw fault(text, 'found an indentation indicator equal to 0');
  if (increment === undefined) return 0;
  text.skip();
  if (isChomping()) text.skip();
  return increment;
}

/** Lines without content, and the indentation of the next one. @param own of the scalar; 0 while it is not known */
function skipIndentation(text: TextCursor, own: number, indent: number): number {
  let widest = 0;
  for (;;) {
    while ((own === 0 || text.column < own) && text.at() === ' ') text.skip();
    widest = Math.max(widest, text.column);
    if ((own === 0 || text.column < own) && text.at() === '\t') throw fault(text, 'found a tab character where an indentation space is expected');
    if (!isBreak(text.at())) break;
    text.skipBreak();
  }
  return own === 0 ? Math.max(widest, indent + 1, 1) : own;
}
