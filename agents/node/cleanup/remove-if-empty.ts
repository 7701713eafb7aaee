import { existsSync, readdirSync, rmdirSync } from 'node:fs';

/** Removes those of the directories that are empty, in the order given: for places that are shared with others. */
export function removeIfEmpty(...directories: readonly string[]): void {
  for (const directory of directories) if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}
