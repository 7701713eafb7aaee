import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { type Pattern, PatternCache } from '../cel/regex.ts';
import { BOOL, INT, list, STRING } from '../cel/types.ts';
import type { CelList } from '../cel/values.ts';

/** `matches`, `find` and `findAll` in RE2. The table keeps its compiled patterns. */
export function regexFunctions(): Functions {
  const patterns = new PatternCache();
  const findAll = (text: string, source: string, limit = -1n): CelList => {
    const pattern = patternOf(patterns, source);
    const found: string[] = [];
    let last = -1;
    for (let from = 0; from <= text.length && (limit < 0n || BigInt(found.length) < limit); ) {
      const match = pattern.find(text, from);
      if (!match) break;
      // An empty match right behind another one does not count.
      if (match.end > match.start || match.start !== last) found.push(text.slice(match.start, match.end));
      last = match.end;
      from = match.end > match.start ? match.end : match.end + 1;
    }
    return found;
  };
  const matches = (text: string, source: string): boolean => patterns.get(source).test(text);
  return {
    matches: [fn([STRING, STRING], BOOL, matches), member([STRING, STRING], BOOL, matches)],
    find: [member([STRING, STRING], STRING, (text: string, source: string) => {
      const match = patternOf(patterns, source).find(text, 0);
      return match ? text.slice(match.start, match.end) : '';
    })],
    findAll: [member([STRING, STRING], list(STRING), (text: string, source: string) => findAll(text, source)), member([STRING, STRING, INT], list(STRING), findAll)],
  };
}

/** Kubernetes' own functions say more of a wrong expression. */
function patternOf(patterns: PatternCache, source: string): Pattern {
  try {
    return patterns.get(source);
  } catch (error) {
    throw error instanceof EvaluationError ? new EvaluationError(`Illegal regex: ${error.message}`) : error;
  }
}
