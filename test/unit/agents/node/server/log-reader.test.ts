import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type LogOptions, readLog } from '#agents/node/server/log-reader.ts';

const line = (second: number, text: string, stream = 'stdout', tag = 'F'): string => `2026-01-01T00:00:0${second}.5Z ${stream} ${tag} ${text}\n`;
const options = (own: Partial<LogOptions> = {}): LogOptions => ({ follow: false, timestamps: false, isRunning: () => false, signal: new AbortController().signal, ...own });

async function logFile(t: ExecutionContext, current: string, rotated?: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-log-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, '0.log');
  await writeFile(path, current);
  if (rotated !== undefined) await writeFile(`${path}.20260101000000`, rotated);
  return path;
}

async function text(path: string, own: Partial<LogOptions> = {}): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of readLog(path, options(own))) parts.push(part);
  return Buffer.concat(parts).toString();
}

test('rotated files come first, and the torn end of a file is no line', async (t) => {
  const path = await logFile(t, `${line(2, 'two')}2026-01-01T00:00:03Z stdou`, line(1, 'one'));
  t.is(await text(path), 'one\ntwo\n');
});

for (const [what, own, expected] of [
  ['the last lines, over both files', { tailLines: 2 }, 'two\nthree\n'],
  ['no line', { tailLines: 0 }, ''],
  ['one stream', { stream: 'stderr' }, 'three\n'],
  ['lines from a time on', { sinceMs: Date.parse('2026-01-01T00:00:02Z') }, 'two\nthree\n'],
  ['so many bytes', { limitBytes: 5 }, 'one\nt'],
  ['times', { timestamps: true, tailLines: 1 }, '2026-01-01T00:00:03.5Z three\n'],
] as const) {
  test(`asked for: ${what}`, async (t) => {
    t.is(await text(await logFile(t, line(2, 'two') + line(3, 'three', 'stderr'), line(1, 'one')), own), expected);
  });
}

test('a line that the runtime cut is put together again', async (t) => {
  t.is(await text(await logFile(t, line(1, 'long ', 'stdout', 'P') + line(1, 'line'))), 'long line\n');
});

test('following ends with the container, and sees what was written before and after a rotation', async (t) => {
  const path = await logFile(t, line(1, 'one'));
  let isRunning = true;
  const seen: string[] = [];
  for await (const part of readLog(path, options({ follow: true, isRunning: () => isRunning }))) {
    seen.push(part.toString());
    if (seen.length === 1) {
      await appendFile(path, line(2, 'last of the old file'));
      await rename(path, `${path}.20260101000002`);
      await writeFile(path, line(3, 'new'));
    }
    if (part.toString() === 'new\n') isRunning = false;
  }
  t.deepEqual(seen, ['one\n', 'last of the old file\n', 'new\n']);
});

test('following ends when the reader goes away', async (t) => {
  const path = await logFile(t, line(1, 'one'));
  const abort = new AbortController();
  const seen: string[] = [];
  for await (const part of readLog(path, options({ follow: true, isRunning: () => true, signal: abort.signal }))) {
    seen.push(part.toString());
    abort.abort();
  }
  t.deepEqual(seen, ['one\n']);
});
