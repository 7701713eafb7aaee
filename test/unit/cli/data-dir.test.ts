import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { instanceOf } from '#base/instance.ts';
import { defaultDataDir, requireUsableDataDir } from '#cli/data-dir.ts';
import { UsageError } from '#cli/usage-error.ts';

for (const { name, user, expected } of [
  { name: 'root', user: { isRoot: true, home: '/root', xdgDataHome: '/root/data' }, expected: '/var/lib/headway' },
  { name: 'a user', user: { isRoot: false, home: '/home/ada', xdgDataHome: undefined }, expected: '/home/ada/.local/share/headway' },
  { name: 'a user with XDG_DATA_HOME', user: { isRoot: false, home: '/home/ada', xdgDataHome: '/data/ada' }, expected: '/data/ada/headway' },
  { name: 'a user with a relative XDG_DATA_HOME, which is invalid', user: { isRoot: false, home: '/home/ada', xdgDataHome: 'data' }, expected: '/home/ada/.local/share/headway' },
]) {
  test(`the data directory of ${name}`, (t) => t.is(defaultDataDir(user), expected));
}

test('a data directory below a file, or with a path too long for sockets, is refused; one yet to be made is not', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'headway-data-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const check = (dataDir: string) => () => requireUsableDataDir(instanceOf(dataDir, false));
  const file = join(directory, 'file');
  writeFileSync(file, '');
  chmodSync(file, 0o600);
  t.regex(t.throws(check(join(file, 'data')), { instanceOf: UsageError }).message, /cannot write to .*file, for the data directory/);
  t.regex(t.throws(check(join(directory, 'x'.repeat(100))), { instanceOf: UsageError }).message, /too long for sockets: the kernel allows 107 bytes/);
  t.notThrows(check(join(directory, 'a/b')));
});
