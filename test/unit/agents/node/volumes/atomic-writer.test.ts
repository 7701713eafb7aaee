import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InvalidVolumePath, writePayload } from '#agents/node/volumes/atomic-writer.ts';

const files = (own: Readonly<Record<string, string>>) => new Map(Object.entries(own).map(([path, text]) => [path, { data: Buffer.from(text), mode: 0o644 }]));

test('a change replaces all files at once and leaves nothing of the old set', async (t) => {
  const volume = mkdtempSync(join(tmpdir(), 'volume-'));
  t.teardown(() => rmSync(volume, { recursive: true }));
  t.true(await writePayload(volume, files({ a: '1', 'sub/b': '2' })));
  const first = readlinkSync(join(volume, '..data'));
  t.false(await writePayload(volume, files({ a: '1', 'sub/b': '2' })));
  t.is(readlinkSync(join(volume, '..data')), first);
  t.true(await writePayload(volume, files({ a: '3', c: '4' })));
  t.is(readFileSync(join(volume, 'a'), 'utf8'), '3');
  t.deepEqual(readdirSync(volume).filter((n) => !n.startsWith('..')).toSorted(), ['a', 'c']);
  t.deepEqual(readdirSync(volume).filter((n) => n.startsWith('..')).length, 2);
});

for (const path of ['../x', '/x', 'a/../../x', '..data', '']) {
  test(`the path "${path}" is refused`, async (t) => {
    const volume = mkdtempSync(join(tmpdir(), 'volume-'));
    t.teardown(() => rmSync(volume, { recursive: true }));
    await t.throwsAsync(writePayload(volume, files({ [path]: 'x' })), { instanceOf: InvalidVolumePath });
  });
}
