import type { Node, StructField } from './ast.ts';
import { qualifiedName } from './ast.ts';
import { CompileError } from './errors.ts';
import { type Token, tokenize } from './lexer.ts';
import { expandMacro, type Macros } from './macros.ts';
import { BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT } from './types.ts';
import { MAX_INT, MAX_UINT, MIN_INT, Uint } from './values.ts';

/** Deeper nesting and longer texts are an attack rather than a rule. */
const MAX_DEPTH = 250;
const MAX_CHARACTERS = 100_000;
const RESERVED = new Set(['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while']);
const OPERANDS = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const RELATIONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);
const SUMS = new Set(['+', '-']);
const PRODUCTS = new Set(['*', '/', '%']);

/** @throws CompileError */
export function parse(source: string, macros: Macros): Node {
  if (source.length > MAX_CHARACTERS) throw new CompileError('', [{ position: 0, message: `expression code point size exceeds limit: size: ${source.length}, limit ${MAX_CHARACTERS}` }]);
  const { tokens, issues } = tokenize(source);
  if (issues.length > 0) throw new CompileError(source, issues);
  return new Parser(source, tokens, macros).parse();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #macros: Macros;
  #index = 0;
  #depth = 0;

  constructor(source: string, tokens: readonly Token[], macros: Macros) {
    this.#source = source;
    this.#tokens = tokens;
    this.#macros = macros;
  }

  parse(): Node {
    const node = this.#expression();
    if (this.#peek.kind !== 'end') this.#fail(this.#peek.position, `Syntax error: mismatched input '${this.#peek.text}' expecting <EOF>`);
    return node;
  }

  get #peek(): Token {
    return this.#tokens[this.#index] as Token;
  }

  #fail(position: number, message: string): never {
    throw new CompileError(this.#source, [{ position, message }]);
  }

  #is(text: string): boolean {
    const token = this.#peek;
    return token.text === text && (token.kind === 'op' || token.kind === 'ident');
  }

  #take(text: string): Token | undefined {
    return this.#is(text) ? (this.#tokens[this.#index++] as Token) : undefined;
  }

  #expect(text: string): Token {
    return this.#take(text) ?? this.#fail(this.#peek.position, this.#peek.kind === 'end' ? `Syntax error: missing '${text}' at '<EOF>'` : `Syntax error: mismatched input '${this.#peek.text}' expecting '${text}'`);
  }

  #expression(): Node {
    if (++this.#depth > MAX_DEPTH) this.#fail(this.#peek.position, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const condition = this.#or();
    const question = this.#take('?');
    if (!question) return this.#left(condition);
    const yes = this.#or();
    this.#expect(':');
    return this.#left({ kind: 'call', name: '_?_:_', args: [condition, yes, this.#expression()], position: question.position });
  }

  #left<T>(value: T): T {
    this.#depth -= 1;
    return value;
  }

  #or(): Node {
    return this.#binary((t) => t === '||', () => this.#binary((t) => t === '&&', () => this.#relation()));
  }

  #relation(): Node {
    return this.#binary((t) => RELATIONS.has(t), () => this.#binary((t) => SUMS.has(t), () => this.#binary((t) => PRODUCTS.has(t), () => this.#unary())));
  }

  #binary(isOperator: (text: string) => boolean, operand: () => Node): Node {
    let left = operand();
    while ((this.#peek.kind === 'op' || this.#peek.text === 'in') && isOperator(this.#peek.text)) {
      const operator = this.#tokens[this.#index++] as Token;
      left = { kind: 'call', name: operator.text === 'in' ? '@in' : `_${operator.text}_`, args: [left, operand()], position: operator.position };
    }
    return left;
  }

  #unary(): Node {
    const operator = this.#take('!') ?? this.#take('-');
    if (!operator) return this.#member();
    if (operator.text === '-' && (this.#peek.kind === 'int' || this.#peek.kind === 'double')) return this.#member(operator);
    if (++this.#depth > MAX_DEPTH) this.#fail(operator.position, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const operand = this.#unary();
    return this.#left({ kind: 'call', name: `${operator.text}_`, args: [operand], position: operator.position });
  }

  #member(sign?: Token): Node {
    let node = this.#primary(sign);
    for (;;) {
      const dot = this.#take('.');
      if (dot) {
        node = this.#selection(node, dot);
        continue;
      }
      const bracket = this.#take('[');
      if (bracket) {
        const isOptional = this.#take('?') !== undefined;
        node = { kind: 'call', name: isOptional ? '_[?_]' : '_[_]', args: [node, this.#expression()], position: bracket.position };
        this.#expect(']');
        continue;
      }
      const type = this.#is('{') ? qualifiedName(node) : undefined;
      if (type === undefined) return node;
      node = this.#struct(type);
    }
  }

  #selection(operand: Node, dot: Token): Node {
    const isOptional = this.#take('?') !== undefined;
    const field = this.#peek;
    if (field.kind !== 'ident' && field.kind !== 'quotedIdent') this.#fail(field.position, field.kind === 'end' ? "Syntax error: no viable alternative at input '.'" : `Syntax error: mismatched input '${field.text}' expecting IDENTIFIER`);
    this.#index += 1;
    const open = isOptional || field.kind !== 'ident' ? undefined : this.#take('(');
    if (open) return this.#call(field.text, open, operand);
    return { kind: 'select', operand, field: String(field.value ?? field.text), isOptional, isTest: false, position: dot.position };
  }

  #call(name: string, open: Token, target?: Node): Node {
    const args = this.#sequence(')', () => this.#expression());
    const call = { kind: 'call' as const, name, args, position: open.position, ...(target ? { target } : {}) };
    return expandMacro(call, this.#macros, (position, message) => this.#fail(position, message));
  }

  /** What stands between an opening token, which is taken already, and the closing one. */
  #sequence<T>(close: string, item: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.#is(close)) {
      items.push(item());
      if (!this.#take(',')) break;
    }
    this.#expect(close);
    return items;
  }

  #primary(sign?: Token): Node {
    const token = this.#peek;
    if (++this.#depth > MAX_DEPTH) this.#fail(token.position, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const node = this.#literal(token, sign) ?? this.#grouping(token) ?? this.#name(token);
    if (!node) this.#fail(token.position, token.kind === 'end' ? `Syntax error: mismatched input '<EOF>' expecting ${OPERANDS}` : `Syntax error: extraneous input '${token.text}' expecting ${OPERANDS}`);
    return this.#left(node);
  }

  #literal(token: Token, sign: Token | undefined): Node | undefined {
    const position = sign?.position ?? token.position;
    switch (token.kind) {
      case 'int': {
        const value = sign ? -(token.value as bigint) : (token.value as bigint);
        if (value > MAX_INT || value < MIN_INT) this.#fail(token.position, 'Syntax error: invalid int literal');
        return this.#constant({ kind: 'const', value, type: INT, position });
      }
      case 'double': return this.#constant({ kind: 'const', value: sign ? -(token.value as number) : (token.value as number), type: DOUBLE, position });
      case 'uint': {
        if ((token.value as bigint) > MAX_UINT) this.#fail(token.position, 'Syntax error: invalid uint literal');
        return this.#constant({ kind: 'const', value: new Uint(token.value as bigint), type: UINT, position });
      }
      case 'string': return this.#constant({ kind: 'const', value: token.value as string, type: STRING, position });
      case 'bytes': return this.#constant({ kind: 'const', value: token.value as Uint8Array, type: BYTES, position });
      default:
    }
    if (token.kind !== 'ident') return undefined;
    if (token.text === 'null') return this.#constant({ kind: 'const', value: null, type: NULL, position });
    if (token.text === 'true' || token.text === 'false') return this.#constant({ kind: 'const', value: token.text === 'true', type: BOOL, position });
    return undefined;
  }

  #constant(node: Node): Node {
    this.#index += 1;
    return node;
  }

  #grouping(token: Token): Node | undefined {
    if (this.#take('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[')) {
      const elements = this.#sequence(']', () => ({ isOptional: this.#take('?') !== undefined, value: this.#expression() }));
      return { kind: 'list', elements, position: token.position };
    }
    if (!this.#take('{')) return undefined;
    const entries = this.#sequence('}', () => {
      const isOptional = this.#take('?') !== undefined;
      const key = this.#expression();
      this.#expect(':');
      return { isOptional, key, value: this.#expression() };
    });
    return { kind: 'map', entries, position: token.position };
  }

  #name(start: Token): Node | undefined {
    const isAbsolute = this.#take('.') !== undefined;
    const token = this.#peek;
    if (token.kind !== 'ident' || token.text === 'in') return undefined;
    this.#index += 1;
    if (RESERVED.has(token.text)) this.#fail(token.position, `Syntax error: reserved identifier: ${token.text}`);
    const open = this.#take('(');
    if (open) return this.#call(token.text, open);
    return { kind: 'ident', name: token.text, position: isAbsolute ? start.position : token.position };
  }

  #struct(name: string): Node {
    const open = this.#expect('{');
    const fields = this.#sequence('}', (): StructField => {
      const isOptional = this.#take('?') !== undefined;
      const field = this.#peek;
      if (field.kind !== 'ident' && field.kind !== 'quotedIdent') this.#fail(field.position, `Syntax error: mismatched input '${field.text}' expecting IDENTIFIER`);
      this.#index += 1;
      const colon = this.#expect(':');
      return { name: String(field.value ?? field.text), isOptional, position: colon.position, value: this.#expression() };
    });
    return { kind: 'struct', name, fields, position: open.position };
  }
}
