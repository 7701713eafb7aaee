import { goQuote } from '#api/go-text.ts';
import { labelValue, qualifiedName } from '#api/names.ts';
import { badRequest, unlessRefused, type StatusError } from '#api/status-error.ts';

export type Operator = 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** The terms of a selector in text form. @throws StatusError BadRequest, in the words of Kubernetes' parser. */
export const parseRequirements = (text: string): readonly Requirement[] => new Parser(text).requirements();

/** Undefined when the text is no selector. */
export const tryParseRequirements = (text: string): readonly Requirement[] | undefined => unlessRefused(() => parseRequirements(text));

const INTEGER = /^[-+]?\d+$/;
const MAX_INTEGER = 2n ** 63n - 1n;

/** Undefined of what is no integer of 64 bits. */
export function integerOf(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value > MAX_INTEGER || value < -MAX_INTEGER - 1n ? undefined : value;
}

/** A word, or an operator, with the white space before it. */
const TOKEN = /[ \t\r\n]*(!=|==|[=!<>(),]|[^ \t\r\n=!<>(),]+)/y;
const SPECIAL = /^[=!<>(),]/;
const OPERATORS: Readonly<Record<string, Operator>> = { in: 'in', notin: 'notin', '=': 'in', '==': 'in', '!=': 'notin', '>': 'gt', '<': 'lt' };
const EXPECTED_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) this.#tokens.push(match[1] ?? '');
  }

  requirements(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (!this.#isEnd) {
      if (!this.#isWord && this.#next !== '!') throw unexpected(this.#next, "!, identifier, or 'end of string'");
      found.push(this.#requirement());
      if (this.#isEnd) break;
      const separator = this.#take();
      if (separator !== ',') throw unexpected(separator, "',' or 'end of string'");
      if (!this.#isWord && this.#next !== '!') throw unexpected(this.#next, "identifier after ','");
    }
    return found;
  }

  #requirement(): Requirement {
    const isAbsent = this.#next === '!';
    if (isAbsent) this.#at += 1;
    const key = this.#identifier();
    const problems = qualifiedName(key);
    if (problems.length > 0) throw refusal([`<nil>: Invalid value: ${goQuote(key)}: ${problems.join('; ')}`]);
    if (isAbsent) return { key, operator: '!', values: [] };
    if (this.#isEnd || this.#next === ',') return { key, operator: 'exists', values: [] };
    const word = this.#take();
    const operator = OPERATORS[word];
    if (operator === undefined) throw refusal([`found '${word}', expected: ${EXPECTED_OPERATORS}`]);
    return checked({ key, operator, values: word === 'in' || word === 'notin' ? this.#list() : [this.#value()] });
  }

  #identifier(): string {
    const isWord = this.#isWord;
    const word = this.#take();
    if (!isWord) throw refusal([`found '${word}', expected: identifier`]);
    return word;
  }

  #value(): string {
    return this.#isEnd || this.#next === ',' ? '' : this.#identifier();
  }

  #list(): readonly string[] {
    const open = this.#take();
    if (open !== '(') throw refusal([`found '${open}' expected: '('`]);
    const first = this.#next;
    if (first === ')') {
      this.#at += 1;
      return [''];
    }
    if (!this.#isWord && first !== ',') throw refusal([`found '${first}', expected: ',', ')' or identifier`]);
    const values = this.#words();
    if (this.#take() !== ')') throw refusal([`found '${first}', expected: ')'`]);
    return [...values].sort();
  }

  /** A comma with nothing before or behind it stands for an empty word. */
  #words(): ReadonlySet<string> {
    const words = new Set<string>();
    for (;;) {
      const isWord = this.#isWord;
      const token = this.#take();
      if (isWord) {
        words.add(token);
        if (this.#next === ')') return words;
        if (this.#next !== ',') throw refusal([`found '${this.#next}', expected: ',' or ')'`]);
      } else if (token === ',') {
        if (words.size === 0) words.add('');
        if (this.#next === ')') return words.add('');
        if (this.#next === ',') {
          this.#at += 1;
          words.add('');
        }
      } else throw refusal([`found '${token}', expected: ',', or identifier`]);
    }
  }

  get #next(): string {
    return this.#tokens[this.#at] ?? '';
  }

  get #isEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get #isWord(): boolean {
    return !this.#isEnd && !SPECIAL.test(this.#next);
  }

  #take(): string {
    const token = this.#next;
    this.#at += 1;
    return token;
  }
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const isBound = operator === 'gt' || operator === 'lt';
  const bounds = values.flatMap((value, i) => (isBound && integerOf(value) === undefined ? [`values[${i}]: Invalid value: ${goQuote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`] : []));
  const words = values.flatMap((value, i) => {
    const problems = labelValue(value);
    return problems.length === 0 ? [] : [`values[${i}][${key}]: Invalid value: ${goQuote(value)}: ${problems.join('; ')}`];
  });
  if (bounds.length + words.length > 0) throw refusal([...bounds, ...words]);
  return requirement;
}

const unexpected = (token: string, expected: string): StatusError => badRequest(`found '${token}', expected: ${expected}`);
const refusal = (why: readonly string[]): StatusError => badRequest(`unable to parse requirement: ${why.length === 1 ? why[0] : `[${why.join(', ')}]`}`);
