import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { lineDiff } from '#sync/offline/line-diff.ts';

test('changes are shown with three lines around them, and near ones together', (t) => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const after = lines.map((line, i) => (i === 5 || i === 9 ? `${line}!` : line));
  t.is(lineDiff(lines.join('\n'), after.join('\n')), [
    '@@ -3,11 +3,11 @@', ' line 2', ' line 3', ' line 4', '-line 5', '+line 5!', ' line 6', ' line 7', ' line 8', '-line 9', '+line 9!', ' line 10', ' line 11', ' line 12',
  ].join('\n'));
});

test('the same text has no diff, and a new one is all of it', (t) => {
  t.is(lineDiff('a\nb\n', 'a\nb\n'), '');
  t.is(lineDiff('', 'a\nb\n'), '@@ -0,0 +1,2 @@\n+a\n+b');
  t.is(lineDiff('a\n', ''), '@@ -1,1 +0,0 @@\n-a');
});

test('git applies every diff and arrives at the other text', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'headway-diff-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 25 }).map((lines) => `${lines.join('\n')}\n`);
  fc.assert(fc.property(text, text, (before, after) => {
    const diff = lineDiff(before, after);
    if (diff === '') return before === after;
    writeFileSync(join(folder, 'file'), before);
    execFileSync('git', ['apply', '--unidiff-zero', '-'], { cwd: folder, input: `--- a/file\n+++ b/file\n${diff}\n`, env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() } });
    return readFileSync(join(folder, 'file'), 'utf8') === after;
  }), { numRuns: 60 });
  t.pass();
});
