import { RE2JS } from '@bufbuild/re2';
import { EvaluationError } from './errors.ts';

type Program = RE2JS['re2Input']['prog'];
type Instruction = ReturnType<Program['getInst']>;
type Opcodes = Readonly<Record<'ALT' | 'ALT_MATCH' | 'CAPTURE' | 'EMPTY_WIDTH' | 'FAIL' | 'MATCH' | 'NOP', number>>;

export interface Match {
  readonly start: number;
  readonly end: number;
}

/** A regular expression in RE2's syntax, whose time is linear in the text. */
export interface Pattern {
  test(text: string): boolean;
  /** The leftmost match at or behind `from`, of those the one that a backtracking engine would find. */
  find(text: string, from: number): Match | undefined;
}

/** @throws EvaluationError for what is no expression of RE2 */
export function compilePattern(source: string): Pattern {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (error) {
    throw new EvaluationError(error instanceof Error ? error.message : String(error));
  }
  return { test: (text) => compiled.test(text), find: (text, from) => new Search(compiled.re2().prog, text).find(from) };
}

/** Keeps compiled patterns, so that a rule compiles its pattern once and not once a request. */
export class PatternCache {
  readonly #patterns = new Map<string, Pattern>();

  get(source: string): Pattern {
    const known = this.#patterns.get(source);
    if (known) return known;
    if (this.#patterns.size >= MAX_PATTERNS) this.#patterns.clear();
    const pattern = compilePattern(source);
    this.#patterns.set(source, pattern);
    return pattern;
  }
}
const MAX_PATTERNS = 1000;

interface Thread {
  readonly pc: number;
  readonly start: number;
}

/** Where a match begins and ends, which the package does not tell: runs its program with threads in the order of their priority (Pike's machine). */
class Search {
  readonly #program: Program;
  readonly #opcodes: Opcodes;
  readonly #text: string;

  constructor(program: Program, text: string) {
    this.#program = program;
    this.#opcodes = (program.getInst(0) as Instruction).constructor as unknown as Opcodes;
    this.#text = text;
  }

  find(from: number): Match | undefined {
    let threads: Thread[] = [];
    let found: Match | undefined;
    for (let at = from; ; at += widthAt(this.#text, at)) {
      const seen = new Set<number>();
      const ready: Thread[] = [];
      for (const thread of threads) this.#follow(thread, at, seen, ready);
      if (!found) this.#follow({ pc: this.#program.start, start: at }, at, seen, ready);
      threads = [];
      for (const { pc, start } of ready) {
        const instruction = this.#program.getInst(pc) as Instruction;
        if (instruction.op === this.#opcodes.MATCH) {
          found = { start, end: at };
          break;
        }
        if (at < this.#text.length && instruction.matchRune(this.#text.codePointAt(at) ?? -1)) threads.push({ pc: instruction.out, start });
      }
      if (at >= this.#text.length || (found && threads.length === 0)) return found;
    }
  }

  /** Adds the instructions that a thread reaches without reading a character. */
  #follow({ pc, start }: Thread, at: number, seen: Set<number>, ready: Thread[]): void {
    if (seen.has(pc)) return;
    seen.add(pc);
    const { ALT, ALT_MATCH, NOP, CAPTURE, EMPTY_WIDTH, FAIL } = this.#opcodes;
    const { op, out, arg } = this.#program.getInst(pc) as Instruction;
    if (op === ALT || op === ALT_MATCH) {
      this.#follow({ pc: out, start }, at, seen, ready);
      this.#follow({ pc: arg, start }, at, seen, ready);
    } else if (op === NOP || op === CAPTURE) this.#follow({ pc: out, start }, at, seen, ready);
    else if (op !== EMPTY_WIDTH && op !== FAIL) ready.push({ pc, start });
    else if (op === EMPTY_WIDTH && (arg & ~this.#emptyAt(at)) === 0) this.#follow({ pc: out, start }, at, seen, ready);
  }

  /** The conditions of RE2 that hold between two characters: begin and end of line and text, word boundary or none. */
  #emptyAt(at: number): number {
    const [before, after] = [this.#text[at - 1], this.#text[at]];
    const isBoundary = isWord(before) !== isWord(after);
    return (before === undefined || before === '\n' ? 1 : 0) | (after === undefined || after === '\n' ? 2 : 0) | (before === undefined ? 4 : 0) | (after === undefined ? 8 : 0) | (isBoundary ? 16 : 32);
  }
}

const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character);
const widthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xff_ff ? 2 : 1);
