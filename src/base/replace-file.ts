import { renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

/** Most of these files hold keys, or name what runs. */
const OWNER_ONLY = 0o600;

/**
 * Writes a file as a whole: a reader, also one after a crash, finds the old content or the new. On disk when it returns, so for
 * what is written rarely. `mode` counts for a new file; default 0600. One writer at a time.
 */
export function replaceFileSync(path: string, content: string, mode = OWNER_ONLY): void {
  writeFileSync(`${path}.new`, content, { mode, flush: true });
  renameSync(`${path}.new`, path);
}

/** As {@link replaceFileSync}, but a power failure may bring the old content back: for what is written often. */
export async function replaceFile(path: string, content: string, mode = OWNER_ONLY): Promise<void> {
  await writeFile(`${path}.new`, content, { mode });
  await rename(`${path}.new`, path);
}
