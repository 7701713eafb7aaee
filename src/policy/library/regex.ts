import { type Functions, member } from '../cel/declarations.ts';
import { PatternCache } from '../cel/regex.ts';
import { BOOL, INT, list, STRING } from '../cel/types.ts';
import type { CelList } from '../cel/values.ts';

/** `matches`, `find` and `findAll` in RE2. The table keeps its compiled patterns. */
export function regexFunctions(): Functions {
  const patterns = new PatternCache();
  const findAll = (text: string, source: string, limit = -1n): CelList => {
    const pattern = patterns.get(source);
    const found: string[] = [];
    for (let from = 0; from <= text.length && (limit < 0n || BigInt(found.length) < limit); ) {
      const match = pattern.find(text, from);
      if (!match) break;
      found.push(text.slice(match.start, match.end));
      from = match.end > match.start ? match.end : match.end + 1;
    }
    return found;
  };
  return {
    matches: [member([STRING, STRING], BOOL, (text: string, source: string) => patterns.get(source).test(text))],
    find: [member([STRING, STRING], STRING, (text: string, source: string) => {
      const match = patterns.get(source).find(text, 0);
      return match ? text.slice(match.start, match.end) : '';
    })],
    findAll: [member([STRING, STRING], list(STRING), (text: string, source: string) => findAll(text, source)), member([STRING, STRING, INT], list(STRING), findAll)],
  };
}
