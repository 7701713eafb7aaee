import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');
/** A path between backticks, alone or in a command; patterns such as `src/<label>` are left out. */
const PATH = /(?<=[`\s])(?:src|agents|test|scripts|docs|clusters|policies|bin)\/[\w./-]+(?=[`\s,:)])(?!\w*<)/g;

test('every file and folder that the documents name exists', (t) => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'clusters/*.md', 'policies/*.md'], { cwd: ROOT });
  t.true(pages.length > 10);
  const missing = pages.flatMap((page) => {
    const code = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/`[^`\n]+`/g)].map(([text]) => text).join(' ');
    return (code.match(PATH) ?? []).filter((path) => !existsSync(join(ROOT, path))).map((path) => `${page}: ${path}`);
  });
  t.deepEqual(missing, []);
});
