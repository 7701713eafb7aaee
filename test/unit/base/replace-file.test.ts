import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { replaceFile, replaceFileSync } from '#base/replace-file.ts';

for (const [name, replace] of [['at once', replaceFileSync], ['in the background', replaceFile]] as const) {
  test(`a file written ${name} is replaced as a whole, for its owner only`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'headway-file-'));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'f');
    writeFileSync(path, 'a longer text');
    const { ino } = statSync(path);
    writeFileSync(`${path}.new`, 'half of what a crash le', { mode: 0o600 });
    await replace(path, 'new');
    t.is(readFileSync(path, 'utf8'), 'new');
    t.not(statSync(path).ino, ino, 'an open reader keeps the old file');
    t.is(statSync(path).mode & 0o777, 0o600);
    t.deepEqual(readdirSync(directory), ['f']);
  });
}
