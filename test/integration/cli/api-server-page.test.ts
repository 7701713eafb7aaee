import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { ROOT } from '#test/support/headway.ts';

const DEFAULT = / ?\(default: "?(.*?)"?\)$/;

test('docs/api-server.md lists every option of `headway apiserver` as --help tells it', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'src/cli/main.ts'), 'apiserver', '--help']);
  const rows = optionsIn(stdout).map(({ flags, text }) => `| \`${flags}\` | ${DEFAULT.exec(text)?.[1] ?? ''} | ${text.replace(DEFAULT, '')} |`);
  t.true(rows.length > 15, stdout);
  const page = readFileSync(join(ROOT, 'docs/api-server.md'), 'utf8');
  t.deepEqual(page.split('\n').filter((line) => line.startsWith('| `--')), rows);
});

/** Descriptions go on below themselves where the line is full. */
function optionsIn(help: string): readonly { readonly flags: string; readonly text: string }[] {
  const list = help.slice(help.indexOf('Options:\n')).split(/\n(?= {2}\S)/).slice(1);
  return list.map((entry) => /^ {2}(.+?) {2,}([^]*)$/.exec(entry)).filter((found) => found !== null && !found[1]?.startsWith('-h'))
    .map((found) => ({ flags: found?.[1] ?? '', text: (found?.[2] ?? '').replace(/\s+/g, ' ').trim() }));
}
