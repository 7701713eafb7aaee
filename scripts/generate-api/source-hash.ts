import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the output: what the generator was when it wrote it. */
export const HASH_FILE = 'generator.sha256';

/** Of the generator's own sources and declarations, so that a test can tell without any Go package that the output is stale. */
export function hashOfGenerator(): string {
  const hash = createHash('sha256');
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:ts|go)$/.test(file)).sort();
  for (const file of files) hash.update(`${file.replaceAll('\\', '/')}\0`).update(readFileSync(join(import.meta.dirname, file))).update('\0');
  return hash.digest('hex');
}
