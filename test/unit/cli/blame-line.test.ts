import { Command } from 'commander';
import test from 'ava';
import { addAuditCommands } from '#cli/audit-commands.ts';
import { readBlameLine } from '#cli/blame-line.ts';
import { buildProgram } from '#cli/program.ts';

/** What commander makes of it; undefined when it refuses. */
async function readByProgram(words: readonly string[]): Promise<unknown> {
  const program = buildProgram();
  const blame = program.commands.find((command) => command.name() === 'blame') ?? new Command();
  let read: unknown;
  blame.action((object: string, flags: object) => void (read = { object, flags }));
  for (const command of [program, blame]) command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  await program.parseAsync(['blame', ...words], { from: 'user' }).catch(() => undefined);
  return read;
}

for (const words of [
  ['deploy/web'], ['deploy/web', '-n', 'shop'], ['--namespace', 'shop', 'deploy/web', '-o', 'wide'], ['cm/a', '--namespace=shop', '--output=json'],
  ['cm/a', '--kubeconfig', '/k', '--repo', 'clone', '--audit-log', 'a.log', '--data-dir', 'data'], ['cm/a', '-n', 'one', '-n', 'two'], ['cm/a=b', '--repo=x=y'],
  ['cm/a', '-nshop'], ['-'],
]) {
  test(`${words.join(' ')} means to both readers the same`, async (t) => {
    t.deepEqual<unknown, unknown>(readBlameLine(words), await readByProgram(words));
  });
}

for (const words of [[], ['--help'], ['cm/a', '-h'], ['cm/a', 'cm/b'], ['cm/a', '-o', 'xml'], ['cm/a', '-n'], ['cm/a', '--unknown', 'x'], ['cm/a', '--', 'x'], ['cm/a', '-n', '--repo']]) {
  test(`"blame ${words.join(' ')}" is left to the other reader`, (t) => t.is(readBlameLine(words), undefined));
}

test('no option of the command is unknown here', (t) => {
  const program = new Command();
  addAuditCommands(program, (command) => command.option('--data-dir <dir>'));
  const { options = [] } = program.commands.find((command) => command.name() === 'blame') ?? {};
  for (const { short, long } of options) for (const name of [short, long]) if (name) t.truthy(readBlameLine(['cm/a', `${name}`, 'yaml']), name);
});
