import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { architectureOf } from '#agents/node/images/oci-archive.ts';
import { pauseProgram } from '#agents/node/images/pause-program.ts';

test('the program waits, and ends with 0 on SIGTERM', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'headway-pause-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, 'pause');
  writeFileSync(program, pauseProgram(architectureOf(process.arch)) ?? '', { mode: 0o755 });
  const child = spawn(program);
  t.teardown(() => child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  await once(child, 'spawn');
  const deadline = Date.now() + 5000;
  // SIGCHLD (bit 16) is ignored, so that the kernel reaps, and it sleeps.
  while (!/^State:\tS.*^SigIgn:\t0*10000$/ms.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'))) {
    if (Date.now() > deadline) return t.fail('it never waited');
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill('SIGTERM');
  t.deepEqual(await exit, [0, null]);
});

test('there is a program for each architecture that is supported, and none for others', (t) => {
  for (const architecture of ['amd64', 'arm64']) t.is(pauseProgram(architecture)?.subarray(0, 4).toString('latin1'), '\x7fELF');
  t.is(pauseProgram('mips'), undefined);
});
