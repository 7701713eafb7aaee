import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ROOT } from '#test/support/headway.ts';

const SOURCES_AT = new Date('2026-01-01T00:00:00Z');
const BUILT_AT = new Date('2026-01-02T00:00:00Z');

/** An installation whose sources and whose built program say which they are. */
function install(t: ExecutionContext): { readonly directory: string; run(program?: string): string } {
  const directory = mkdtempSync(join(tmpdir(), 'headway-built-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  write('package.json', '{"type":"module"}');
  write('package-lock.json', '{}');
  write('agents/node/main.ts', '');
  write('src/cli/other.ts', '');
  write('src/cli/main.ts', 'process.stdout.write("sources");\n');
  write('build/headway/main.js', 'process.stdout.write("built");\n');
  cpSync(join(ROOT, 'bin/headway'), join(directory, 'bin/headway'));
  mkdirSync(join(directory, 'node_modules/.bin'), { recursive: true });
  symlinkSync(process.execPath, join(directory, 'node_modules/.bin/node'));
  for (const path of ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) if (!path.startsWith('node_modules')) utimesSync(join(directory, path), SOURCES_AT, SOURCES_AT);
  utimesSync(join(directory, 'build/headway/main.js'), BUILT_AT, BUILT_AT);
  return { directory, run: (program = join(directory, 'bin/headway')) => execFileSync(program, { encoding: 'utf8', env: { PATH: process.env['PATH'] } }) };
}

test('what was built runs, also by a link to the program', (t) => {
  const { directory, run } = install(t);
  t.is(run(), 'built');
  symlinkSync(join(directory, 'bin/headway'), join(directory, 'link'));
  t.is(run(join(directory, 'link')), 'built');
});

for (const [what, change] of [
  ['a source was edited', (directory: string) => utimesSync(join(directory, 'agents/node/main.ts'), new Date(), new Date())],
  ['a source was removed', (directory: string) => rmSync(join(directory, 'src/cli/other.ts'))],
  ['packages changed', (directory: string) => utimesSync(join(directory, 'package-lock.json'), new Date(), new Date())],
  ['nothing was built', (directory: string) => rmSync(join(directory, 'build'), { recursive: true })],
] as const) {
  test(`the sources run when ${what}`, (t) => {
    const { directory, run } = install(t);
    change(directory);
    t.is(run(), 'sources');
  });
}
