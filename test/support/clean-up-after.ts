/** Cleans up after a test process that ended before its tests did: installations, processes, mounts and files in its directory, which is the argument. */
import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mountsBelow, unmountBelow } from '#agents/node/cleanup/mounts.ts';
import { allPids, commandLine } from '#agents/node/system/process.ts';
import { instanceOf } from '#base/instance.ts';
import { silentLogger } from '#base/logger.ts';
import { stopAll } from '#cli/down.ts';
import { tracesOf } from './machine-state.ts';
import { waitFor } from './wait.ts';

const [directory = ''] = process.argv.slice(2);
if (!basename(directory).startsWith('headway-test-')) throw new Error(`${directory} is no directory of a test`);

for (const instance of dataDirectories(directory).map((path) => instanceOf(path))) {
  if (!existsSync(instance.runDir) && tracesOf(instance).length === 0) continue;
  await stopAll(instance, {});
  rmSync(instance.runDir, { recursive: true, force: true });
}
await waitFor(() => {
  for (const pid of processesIn(directory)) process.kill(pid, 'SIGKILL');
  return processesIn(directory).length === 0;
}, { what: `an end of all processes in ${directory}` });
if (mountsBelow(directory).length > 0) await unmountBelow(directory, silentLogger);
rmSync(directory, { recursive: true, force: true, maxRetries: 5 });

/** A test's directory is the data directory of an installation, or holds it. */
function dataDirectories(root: string): readonly string[] {
  return readdirSync(root).flatMap((name) => [join(root, name), join(root, name, 'data')]).filter((path) => existsSync(path));
}

/** Those that were started with a path of the directory, or in it. */
function processesIn(root: string): readonly number[] {
  return allPids().filter((pid) => pid !== process.pid && (commandLine(pid).some((argument) => argument.includes(root)) || workingDirectory(pid).startsWith(root)));
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended, or belongs to the kernel.
    return '';
  }
}
