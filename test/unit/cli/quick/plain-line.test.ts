import test from 'ava';
import { LINES, readPlainLine } from '#cli/quick/plain-line.ts';
import { buildProgram } from '#cli/program.ts';

type Name = keyof typeof LINES;
const NAMES = Object.keys(LINES) as readonly Name[];

function describedToPeople(name: string) {
  const program = buildProgram();
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (!command) throw new Error(`there is no command ${name}`);
  for (const each of [program, command]) each.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  return { program, command };
}

/** What commander makes of it; undefined when it refuses. */
async function readByProgram(name: Name, args: readonly string[]): Promise<unknown> {
  const { program, command } = describedToPeople(name);
  let read: unknown;
  command.action((...given: readonly unknown[]) => void (read = { words: given.slice(0, LINES[name].words), flags: command.opts() }));
  await program.parseAsync([name, ...args], { from: 'user' }).catch(() => undefined);
  return read;
}

const PLAIN: readonly (readonly [Name, ...(readonly string[])])[] = [
  ['blame', 'deploy/web'], ['blame', 'deploy/web', '-n', 'shop'], ['blame', '--namespace', 'shop', 'deploy/web', '-o', 'wide'], ['blame', 'cm/a', '--namespace=shop', '--output=json'],
  ['blame', 'cm/a', '--kubeconfig', '/k', '--repo', 'clone', '--audit-log', 'a.log', '--data-dir', 'data'], ['blame', 'cm/a', '-n', 'one', '-n', 'two'],
  ['blame', 'cm/a=b', '--repo=x=y'], ['blame', 'cm/a', '-nshop'], ['blame', '-'],
  ['diff', 'HEAD~1', 'HEAD'], ['diff', 'v1', 'v2', '-o', 'yaml', '-n', 'shop', '--application', 'web'],
  ['get', 'deploy/web', '--at', 'HEAD'], ['get', 'deploy/web', '--at=2h ago', '-o', 'json', '--application', 'web', '-n', 'shop'],
  ['log', 'deploy/web'], ['log', 'deploy/web', '-p'], ['log', '--patch', 'deploy/web', '--max-count', '3', '-o', 'json'], ['log', '-pn', 'shop', 'deploy/web'],
  ['status'], ['status', '--data-dir', '/data'],
];
for (const [name, ...args] of PLAIN) {
  test(`"${name} ${args.join(' ')}" means to both readers the same`, async (t) => {
    const read = readPlainLine(LINES[name], args);
    t.truthy(read);
    t.deepEqual<unknown, unknown>(read, await readByProgram(name, args));
  });
}

const NOT_PLAIN: readonly (readonly [Name, ...(readonly string[])])[] = [
  ['blame'], ['blame', '--help'], ['blame', 'cm/a', '-h'], ['blame', 'cm/a', 'cm/b'], ['blame', 'cm/a', '-o', 'xml'], ['blame', 'cm/a', '-n'], ['blame', 'cm/a', '--unknown', 'x'],
  ['blame', 'cm/a', '--', 'x'], ['blame', 'cm/a', '-n', '--repo'], ['diff', 'HEAD'], ['get', 'cm/a'], ['log', 'cm/a', '--patch=yes'], ['status', 'all'], ['status', '-n', 'shop'],
];
for (const [name, ...args] of NOT_PLAIN) test(`"${name} ${args.join(' ')}" is left to the other reader`, (t) => t.is(readPlainLine(LINES[name], args), undefined));

for (const name of NAMES) {
  test(`no option of "${name}" is unknown here`, (t) => {
    const known = { ...LINES[name].options, 'data-dir': {} };
    t.deepEqual(Object.keys(known).toSorted(), describedToPeople(name).command.options.flatMap(({ long }) => long?.slice(2) ?? []).toSorted());
  });
}
