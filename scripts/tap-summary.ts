/**
 * Reads AVA's TAP from standard input. Prints each failure with its diagnostics as it comes, then one line,
 * `12 passed, 1 failed, 2 skipped`. With `--total` prints that line only. Exit code 1 when a test failed or none ran.
 */
import { createInterface } from 'node:readline';

export interface TapCounts {
  readonly passed: number;
  readonly failed: number;
  /** Skipped or still to be written. */
  readonly skipped: number;
}

export type TapOutcome = keyof TapCounts;

const POINT = /^(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO)\b.*)?$/;

/** What a line of TAP says; undefined when it is no test point. */
export function parsePoint(line: string): { readonly outcome: TapOutcome; readonly title: string } | undefined {
  const match = POINT.exec(line);
  if (match === null) return undefined;
  const [, not, title = '', directive] = match;
  return { outcome: directive ? 'skipped' : not ? 'failed' : 'passed', title };
}

/** Counts the test points and gives each line that belongs to a failure to `print`. */
export async function summarize(lines: AsyncIterable<string> | Iterable<string>, print: (line: string) => void): Promise<TapCounts> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let isFailure = false;
  for await (const line of lines) {
    const point = parsePoint(line);
    if (point) {
      counts[point.outcome] += 1;
      isFailure = point.outcome === 'failed';
      if (isFailure) print(`FAILED ${point.title}`);
    } else if (isFailure && /^( |#)/.test(line) && !/^ {2}(---|\.\.\.)$/.test(line)) print(line);
    else if (/^\d+\.\.\d+$/.test(line)) isFailure = false;
  }
  return counts;
}

export const formatCounts = ({ passed, failed, skipped }: TapCounts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

if (import.meta.main) {
  const isTotal = process.argv.includes('--total');
  const counts = await summarize(createInterface({ input: process.stdin }), isTotal ? () => {} : (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`${formatCounts(counts)}\n`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}
