import test from 'ava';
import { isUnfinishedGroup } from '#store/redis/unfinished-group.ts';

const command = (...args: string[]): string => `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
const GROUP = command('MULTI') + command('HSET', 'k', 'f', '1 {"a":"ü"}') + command('XADD', 's', '1-0', 'v', '{}') + command('EXEC');

test('every proper beginning of a group is unfinished', (t) => {
  const bytes = Buffer.from(GROUP);
  for (let length = 1; length < bytes.length; length++) t.true(isUnfinishedGroup(bytes.subarray(0, length)), `${length} bytes`);
});

test('every proper beginning of a single command is unfinished', (t) => {
  const bytes = Buffer.from(command('HSET', 'k', 'f', 'v'));
  for (let length = 1; length < bytes.length; length++) t.true(isUnfinishedGroup(bytes.subarray(0, length)), `${length} bytes`);
});

const damaged: readonly { readonly title: string; readonly tail: string }[] = [
  { title: 'nothing', tail: '' },
  { title: 'a whole group', tail: GROUP },
  { title: 'a whole group and the beginning of another', tail: GROUP + GROUP.slice(0, 30) },
  { title: 'a damaged length with commands behind it', tail: GROUP.replace('$4\r\nHSET', '$4000\r\nHSET') + GROUP },
  { title: 'zeros, as a file system leaves them', tail: '\0'.repeat(64) },
  { title: 'text', tail: 'hello' },
];
for (const { title, tail } of damaged) test(`${title} is not taken for an unfinished group`, (t) => t.false(isUnfinishedGroup(Buffer.from(tail))));
