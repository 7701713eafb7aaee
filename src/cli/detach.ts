import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instanceOf } from '#base/instance.ts';
import { requireNotRunning } from './admit.ts';
import { requireUsableDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

/** `headway up --detach`: the same command as a background process; prints what it said once everything runs. */
export async function upDetached(dataDir: string): Promise<void> {
  const instance = instanceOf(dataDir);
  requireNotRunning(instance);
  requireUsableDataDir(instance);
  const logs = join(instance.dataDir, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const file = join(logs, 'up.log');
  const output = openSync(file, 'w');
  const args = process.argv.slice(1).filter((arg) => arg !== '-d' && arg !== '--detach');
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ['ignore', output, output, 'ipc'], detached: true });
  closeSync(output);
  const isReady = await new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true));
    child.once('exit', () => resolve(false));
  });
  const said = readFileSync(file, 'utf8').trimEnd();
  if (!isReady) throw new UsageError(said.replace(/^headway: /m, ''));
  child.disconnect();
  child.unref();
  process.stdout.write(`${said}\n`);
}
