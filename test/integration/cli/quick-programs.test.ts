import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { LINES } from '#cli/quick/plain-line.ts';
import { ROOT } from '#test/support/headway.ts';

/** Says whether V8 takes the code that was made of a program, as the program's start offers it. */
const TAKES = 'const [program, code] = process.argv.slice(1); process.stdout.write(String(!new vm.Script(module.constructor.wrap(fs.readFileSync(program, "latin1")), { filename: program, cachedData: fs.readFileSync(code) }).cachedDataRejected))';
const MARK = 'ran what was built\n';

/** An installation with the quick programs of the set-up, of which `blame` says so when it runs. */
function install(t: Pick<ExecutionContext, 'teardown'>) {
  const directory = mkdtempSync(join(tmpdir(), 'headway-quick-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const path of ['src', 'agents', 'bin', 'scripts', 'package.json', 'package-lock.json']) cpSync(join(ROOT, path), join(directory, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  execFileSync('sh', ['-ec', '. scripts/setup/program.sh; build_quick_programs'], { cwd: directory });
  const built = (file: string): string => join(directory, 'build/quick', file);
  execFileSync(process.execPath, ['--input-type=module', '-e', `(await import(${JSON.stringify(join(directory, 'src/cli/quick/program-files.ts'))})).compileQuickPrograms()`]);
  const headway = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(join(directory, 'bin/headway'), args, { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory, ...env } });
  return { directory, built, headway };
}

const BLAME = ['blame', 'cm/a', '--kubeconfig', '/nowhere'];

test('each plain command runs as one file, for which V8 has all code, until a source of it is newer', (t) => {
  const { directory, built, headway } = install(t);
  t.deepEqual(readdirSync(built('')).toSorted(), [...['start', ...Object.keys(LINES)].flatMap((name) => ['cjs', 'code', 'inputs'].map((kind) => `${name}.${kind}`)), 'meta.json'].toSorted());
  for (const name of Object.keys(LINES)) t.is(execFileSync(process.execPath, ['-e', TAKES, built(`${name}.cjs`), built(`${name}.code`)], { encoding: 'utf8' }), 'true', name);

  const main = join(directory, 'build/headway/main.js');
  mkdirSync(dirname(main));
  writeFileSync(main, `process.stdout.write(JSON.stringify(process.argv.slice(2)));`);
  for (const line of [['blame', '--help'], ['blame', 'cm/a', '-o', 'xml'], ['blame', 'a b', "c'd", ''], ['log'], ['status', 'all']]) t.like(headway(line), { status: 0, stdout: JSON.stringify(line), stderr: '' });
  rmSync(main);

  appendFileSync(built('blame.cjs'), `process.stdout.write(${JSON.stringify(MARK)});\n`);
  for (const env of [{}, { NODE_USE_SYSTEM_CA: '1' }, { NODE_OPTIONS: '--use-bundled-ca' }]) {
    const { status, stdout, stderr } = headway(BLAME, env);
    t.deepEqual([status, stdout], [1, MARK]);
    t.regex(stderr, /^headway: \/nowhere cannot be read as a kubeconfig: ENOENT[^\n]*\n$/);
  }
  t.like(headway(['blame', '--help']), { status: 0, stderr: '' });
  t.regex(headway(['blame', '--help']).stdout, /^Usage: headway blame /m);

  const edit = (path: string): void => utimesSync(join(directory, path), new Date(), new Date());
  edit('src/scheduler/scheduler.ts');
  t.is(headway(BLAME).stdout, MARK, 'blame is not made of the scheduler');
  edit('src/sync/audit/blame.ts');
  t.is(headway(BLAME).stdout, '');
});
