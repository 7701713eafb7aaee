import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of this process; the others are below it. */
let root: string | undefined;

/**
 * A fresh directory, `<name>-<random>`. Whoever makes it removes it; when this process ends before, however it ends, its guard ends what
 * runs there (see clean-up-after.ts) and removes it.
 */
export const temporaryDirectory = (name: string): string => mkdtempSync(join((root ??= guardedDirectory()), `${name}-`));

function guardedDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'headway-test-'));
  // What runs without root may have files below it.
  chmodSync(directory, 0o755);
  // Its input ends with this process, and in a session of its own no signal to the others reaches it.
  const script = 'read -r _; rmdir "$1" 2>/dev/null || exec "$2" --disable-warning=ExperimentalWarning "$3" "$1"';
  const guard = spawn('sh', ['-c', script, 'sh', directory, process.execPath, join(import.meta.dirname, 'clean-up-after.ts')], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  (guard.stdin as Socket).unref();
  return directory;
}
