import type { Node } from './ast.ts';
import type { Issue } from './errors.ts';
import { compilePattern } from './regex.ts';
import { parseDuration, parseTimestamp } from './time.ts';

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = { duration: parseDuration, timestamp: parseTimestamp, matches: compilePattern };

/** What is wrong with a constant argument that could only fail when it is evaluated. */
export function literalProblem(name: string, args: readonly Node[]): Issue | undefined {
  const parser = PARSERS[name];
  const arg = args.at(-1);
  if (!parser || arg?.kind !== 'const' || typeof arg.value !== 'string') return undefined;
  try {
    parser(arg.value);
    return undefined;
  } catch {
    return { position: arg.position, message: `invalid ${name} argument` };
  }
}
