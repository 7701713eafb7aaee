import { type Issue } from './errors.ts';
import { unescapeBytes, unescapeText } from './escapes.ts';

export type TokenKind = 'ident' | 'quotedIdent' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'op' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly position: number;
  /** As it stands in the source. */
  readonly text: string;
  /** Of literals and quoted identifiers. */
  readonly value?: string | bigint | number | Uint8Array;
}

const OPERATORS = ['==', '!=', '<=', '>=', '&&', '||', '+', '-', '*', '/', '%', '<', '>', '!', '?', ':', '.', ',', '(', ')', '[', ']', '{', '}'] as const;
const BLANK = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y;
const NUMBER = /(?:0x[0-9a-fA-F]+|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+)(?:[uU](?![\w]))?/y;
const IDENT = /[A-Za-z_]\w*/y;
const QUOTED_IDENT = /`[\w.\-/ ]+`/y;
const TEXT = /([rR][bB]|[bB][rR]|[rRbB])?("""[^]*?(?<!\\)(?:\\\\)*"""|'''[^]*?(?<!\\)(?:\\\\)*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')/y;
const RAW_TEXT = /([rR][bB]|[bB][rR]|[rR])("""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y;

/** Takes the source apart; what is no token becomes an issue. */
export function tokenize(source: string): { readonly tokens: readonly Token[]; readonly issues: readonly Issue[] } {
  const tokens: Token[] = [];
  const issues: Issue[] = [];
  let position = 0;
  while (position < source.length) {
    const blank = at(BLANK, source, position);
    if (blank) {
      position += blank[0].length;
      continue;
    }
    try {
      const token = next(source, position);
      tokens.push(token);
      position += token.text.length;
    } catch (error) {
      issues.push({ position, message: (error as Error).message });
      position += 1;
      if (source[position - 1] === '"' || source[position - 1] === "'") break;
    }
  }
  tokens.push({ kind: 'end', position: source.length, text: '<EOF>' });
  return { tokens, issues };
}

function at(pattern: RegExp, source: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(source);
}

function next(source: string, position: number): Token {
  const text = at(RAW_TEXT, source, position) ?? at(TEXT, source, position);
  if (text) return textToken(text, position);
  const number = /[\d.]/.test(source[position] ?? '') ? at(NUMBER, source, position) : null;
  if (number) return numberToken(number[0], position);
  const ident = at(IDENT, source, position);
  if (ident) return { kind: 'ident', position, text: ident[0] };
  const quoted = at(QUOTED_IDENT, source, position);
  if (quoted) return { kind: 'quotedIdent', position, text: quoted[0], value: quoted[0].slice(1, -1) };
  const operator = OPERATORS.find((o) => source.startsWith(o, position));
  if (operator !== undefined) return { kind: 'op', position, text: operator };
  const rest = source.slice(position);
  throw new Error(`Syntax error: token recognition error at: '${/^["']/.test(rest) ? rest : rest[0]}'`);
}

function textToken([text, prefix = '', quoted = '']: RegExpExecArray, position: number): Token {
  const quotes = quoted.startsWith('"""') || quoted.startsWith("'''") ? 3 : 1;
  const inner = quoted.slice(quotes, -quotes);
  const isRaw = /r/i.test(prefix);
  if (/b/i.test(prefix)) return { kind: 'bytes', position, text, value: isRaw ? new TextEncoder().encode(inner) : unescapeBytes(inner) };
  return { kind: 'string', position, text, value: isRaw ? inner : unescapeText(inner) };
}

function numberToken(text: string, position: number): Token {
  if (/[uU]$/.test(text)) return { kind: 'uint', position, text, value: BigInt(text.slice(0, -1)) };
  if (!text.startsWith('0x') && /[.eE]/.test(text)) return { kind: 'double', position, text, value: Number(text) };
  return { kind: 'int', position, text, value: BigInt(text) };
}
