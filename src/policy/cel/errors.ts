import { HeadwayError } from '#base/errors.ts';

/** Something wrong at one place of an expression, in cel-go's words. */
export interface Issue {
  readonly position: number;
  readonly message: string;
}

/** An expression that does not parse or whose types do not fit. The message lists every issue with its place, as cel-go prints it. */
export class CompileError extends HeadwayError<{ readonly issues: readonly Issue[] }> {
  readonly code = 'cel-compile';
  readonly isRetryable = false;

  /** `compilation`; `program instantiation` when all fits, and a part that is constant has no value. */
  readonly step: 'compilation' | 'program instantiation';

  constructor(source: string, issues: readonly Issue[], fault?: string) {
    super(fault ?? issues.map((issue) => display(source, issue)).join('\n'), { issues });
    this.step = fault === undefined ? 'compilation' : 'program instantiation';
  }
}

/** What an evaluation comes to when there is no value: `no such key: spec`, `division by zero`. */
export class EvaluationError extends HeadwayError<object> {
  readonly code = 'cel-evaluate';
  readonly isRetryable = false;

  constructor(message: string) {
    super(message, {});
  }
}

/** The evaluation used up what it may cost by itself (`call`), or all of its request have together (`budget`). No operator absorbs this. */
export class CostExceededError extends HeadwayError<{ readonly scope: 'call' | 'budget' }> {
  readonly code = 'cel-cost';
  readonly isRetryable = false;

  constructor(scope: 'call' | 'budget' = 'call') {
    super(scope === 'call' ? 'operation cancelled: actual cost limit exceeded' : 'validation failed due to running out of cost budget, no further validation rules will be run', { scope });
  }
}

function display(source: string, { position, message }: Issue): string {
  const before = source.slice(0, position).split('\n');
  const line = before.length;
  const column = Array.from(before[line - 1] ?? '').length;
  const text = source.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`;
}
