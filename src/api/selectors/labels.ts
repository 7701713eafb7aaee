import type { LabelSelector, LabelSelectorRequirement } from '#api/generated/meta/v1.ts';
import { labelValue, qualifiedName } from '#api/names.ts';
import { badRequest } from '#api/status-error.ts';

export type Labels = Readonly<Record<string, string>> | undefined;
/** Whether an object with these labels is selected. */
export type LabelPredicate = (labels: Labels) => boolean;

type Operator = 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/**
 * The text form of a query: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`. Empty text selects everything.
 * @throws StatusError BadRequest.
 */
export function parseLabelSelector(text: string): LabelPredicate {
  const parser = new Parser(text);
  const requirements = parser.requirements();
  return all(requirements);
}

/** Undefined selects nothing, a selector without terms everything. */
export function labelSelectorPredicate(selector: LabelSelector | undefined): LabelPredicate {
  if (selector === undefined) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelPredicate => (labels) => labelOf(labels, key) === value);
  return all([...equal, ...(selector.matchExpressions ?? []).map(expressionPredicate)]);
}

/** The selector of a Service or ReplicationController: plain labels, where none at all selects nothing. */
export function labelsPredicate(selector: Labels): LabelPredicate {
  const entries = Object.entries(selector ?? {});
  return entries.length === 0 ? () => false : (labels) => entries.every(([key, value]) => labelOf(labels, key) === value);
}

function all(predicates: readonly LabelPredicate[]): LabelPredicate {
  if (predicates.length === 1 && predicates[0] !== undefined) return predicates[0];
  return (labels) => predicates.every((matches) => matches(labels));
}

const labelOf = (labels: Labels, key: string): string | undefined => (labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined);

function expressionPredicate(expression: LabelSelectorRequirement): LabelPredicate {
  const operators: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };
  const operator = operators[expression.operator];
  if (operator === undefined) throw badRequest(`"${expression.operator}" is not a valid label selector operator`);
  return requirement(expression.key, operator, expression.values ?? []);
}

function requirement(key: string, operator: Operator, values: readonly string[]): LabelPredicate {
  const set = new Set(values);
  switch (operator) {
    case 'in': return (labels) => { const value = labelOf(labels, key); return value !== undefined && set.has(value); };
    case 'notin': return (labels) => { const value = labelOf(labels, key); return value === undefined || !set.has(value); };
    case 'exists': return (labels) => labelOf(labels, key) !== undefined;
    case '!': return (labels) => labelOf(labels, key) === undefined;
    case 'gt': return (labels) => Number(labelOf(labels, key) || NaN) > Number(values[0]);
    case 'lt': return (labels) => Number(labelOf(labels, key) || NaN) < Number(values[0]);
  }
}

/** A word, or an operator, with the white space before it. */
const TOKEN = /\s*(!=|==|[=!<>(),]|[^\s=!<>(),]+)/y;

class Parser {
  readonly #text: string;
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) this.#tokens.push(match[1] ?? '');
  }

  requirements(): readonly LabelPredicate[] {
    const found: LabelPredicate[] = [];
    while (this.#at < this.#tokens.length) {
      found.push(this.#requirement());
      if (this.#at === this.#tokens.length) break;
      this.#expect(',');
      if (this.#at === this.#tokens.length) throw this.#error("found '', expected: identifier after ','");
    }
    return found;
  }

  #requirement(): LabelPredicate {
    if (this.#accept('!')) return requirement(this.#key(), '!', []);
    const key = this.#key();
    const operator = this.#tokens[this.#at];
    if (operator === undefined || operator === ',') return requirement(key, 'exists', []);
    this.#at += 1;
    switch (operator) {
      case '=':
      case '==': return requirement(key, 'in', [this.#value()]);
      case '!=': return requirement(key, 'notin', [this.#value()]);
      case '>': return requirement(key, 'gt', [this.#integer()]);
      case '<': return requirement(key, 'lt', [this.#integer()]);
      case 'in':
      case 'notin': return requirement(key, operator, this.#values());
      default: throw this.#error(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #key(): string {
    const key = this.#tokens[this.#at++] ?? '';
    if (/^[=!<>(),]*$/.test(key)) throw this.#error(`found '${key}', expected: !, identifier, or 'end of string'`);
    const problem = qualifiedName(key)[0];
    if (problem !== undefined) throw this.#error(`key: Invalid value: "${key}": ${problem}`);
    return key;
  }

  #value(): string {
    const value = this.#tokens[this.#at];
    if (value === undefined || value === ',') return '';
    this.#at += 1;
    return this.#checked(value);
  }

  #integer(): string {
    const value = this.#value();
    if (!/^[-+]?\d+$/.test(value)) throw this.#error(`values[0]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`);
    return value;
  }

  #values(): readonly string[] {
    this.#expect('(');
    const values: string[] = [];
    do {
      const next = this.#tokens[this.#at];
      if (next === ',' || next === ')') values.push('');
      else if (next !== undefined) {
        this.#at += 1;
        values.push(this.#checked(next));
      }
    } while (this.#accept(','));
    this.#expect(')');
    return values;
  }

  #checked(value: string): string {
    const problem = labelValue(value)[0];
    if (problem !== undefined) throw this.#error(`values[0]: Invalid value: "${value}": ${problem}`);
    return value;
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) throw this.#error(`found '${this.#tokens[this.#at] ?? ''}', expected: '${token}'`);
  }

  #error(why: string): Error {
    return badRequest(`unable to parse requirement: ${why} in ${JSON.stringify(this.#text)}`);
  }
}
