import { Fault, GIVEN_UP } from './fault.ts';
import type { Scanner, Token, TokenType } from './scanner.ts';

/** Texts that nest deeper have another fault. */
const MAX_DEPTH = 1_000;
const HANDLES = new Set(['!', '!!']);

/** goyaml's grammar over the tokens of one document: it throws the fault that goyaml finds first. */
export class Grammar {
  readonly #scanner: Scanner;
  readonly #anchors = new Set<string>();
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** The first document; what follows it is never read. @throws Fault */
  document(): void {
    if (this.#is('stream-end')) return;
    if (this.#is('document-start')) {
      this.#scanner.take();
      if (this.#is('document-start', 'document-end', 'stream-end')) return;
    }
    this.#node('block');
    this.#scanner.peek();
  }

  #is(...types: readonly TokenType[]): boolean {
    return types.includes(this.#scanner.peek().type);
  }

  #takeIf(type: TokenType): Token | undefined {
    return this.#is(type) ? this.#scanner.take() : undefined;
  }

  /** The parser names the line before the token, the scanner the line of the cursor. `from`: where what is not complete begins. */
  #fault(problem: string, from: number): Fault {
    return new Fault(problem, this.#scanner.peek().line || from);
  }

  /** `indentless`: a sequence may stand in the column of the key whose value it is. */
  #node(context: 'flow' | 'block' | 'indentless'): void {
    const alias = this.#takeIf('alias');
    if (alias) {
      if (!this.#anchors.has(alias.name ?? '')) throw new Fault(`unknown anchor '${alias.name}' referenced`);
      return;
    }
    const from = this.#scanner.peek().line;
    const hasProperties = this.#properties(from);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw GIVEN_UP;
    const isContent = this.#content(context);
    this.#depth -= 1;
    if (!isContent && !hasProperties) throw this.#fault('did not find expected node content', from);
  }

  #properties(from: number): boolean {
    let anchor = this.#takeIf('anchor');
    const tag = this.#takeIf('tag');
    if (tag) anchor ??= this.#takeIf('anchor');
    if (tag && !HANDLES.has(tag.name ?? '')) throw new Fault('found undefined tag handle', tag.line || from);
    if (anchor) this.#anchors.add(anchor.name ?? '');
    return anchor !== undefined || tag !== undefined;
  }

  #content(context: 'flow' | 'block' | 'indentless'): boolean {
    const isBlock = context !== 'flow';
    switch (this.#scanner.peek().type) {
      case 'scalar': this.#scanner.take(); return true;
      case '[': this.#flow(']'); return true;
      case '{': this.#flow('}'); return true;
      case 'entry': if (context === 'indentless') this.#indentlessSequence(); return context === 'indentless';
      case 'block-sequence-start': if (isBlock) this.#blockSequence(); return isBlock;
      case 'block-mapping-start': if (isBlock) this.#blockMapping(); return isBlock;
      default: return false;
    }
  }

  #indentlessSequence(): void {
    while (this.#takeIf('entry')) if (!this.#is('entry', 'key', 'value', 'block-end')) this.#node('block');
  }

  #blockSequence(): void {
    const { line } = this.#scanner.take();
    while (this.#takeIf('entry')) if (!this.#is('entry', 'block-end')) this.#node('block');
    if (!this.#takeIf('block-end')) throw this.#fault("did not find expected '-' indicator", line);
  }

  #blockMapping(): void {
    const { line } = this.#scanner.take();
    const isMissing = (): boolean => this.#is('key', 'value', 'block-end');
    while (!this.#takeIf('block-end')) {
      if (!this.#takeIf('key')) throw this.#fault('did not find expected key', line);
      if (!isMissing()) this.#node('indentless');
      if (this.#takeIf('value') && !isMissing()) this.#node('indentless');
    }
  }

  #flow(end: ']' | '}'): void {
    const { line } = this.#scanner.take();
    for (let isFirst = true; !this.#takeIf(end); isFirst = false) {
      if (!isFirst && !this.#takeIf(',')) throw this.#fault(`did not find expected ',' or '${end}'`, line);
      if (this.#takeIf(end)) return;
      this.#flowEntry(end);
    }
  }

  #flowEntry(end: ']' | '}'): void {
    if (!this.#takeIf('key')) return this.#node('flow');
    if (!this.#is('value', ',', end)) this.#node('flow');
    // In a list, goyaml loses what follows a key that has no node.
    else if (end === ']') this.#scanner.take();
    if (this.#takeIf('value') && !this.#is(',', end)) this.#node('flow');
  }
}
