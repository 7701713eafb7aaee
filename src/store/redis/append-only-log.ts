import { execFile } from 'node:child_process';
import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '#base/logger.ts';
import { AppendOnlyLogBrokenError } from './server-errors.ts';
import { isUnfinishedGroup } from './unfinished-group.ts';

const LOG_DIR = 'appendonlydir';
const MANIFEST = 'appendonly.aof.manifest';
/** A base file without a key has some 90 bytes. */
const EMPTY_FILE_BYTES = 512;
/** What redis-server 6 to 8 print before they give up; the first group is the file where it is named. */
const BROKEN: readonly RegExp[] = [
  /(?:Unexpected end of file|Unrecoverable error|Bad file format|Unknown command '.*'|Format error) reading the append only file:? (\S+?)[.:]?(?:\s|$)/,
  /Internal error in RDB reading[^]*Checking RDB file (\S+)/,
  /the AOF file (\S+) (?:length|doesn't exist)/i,
  /(?:opening|open|read|reading) the append only file (\S+?)[.:]?(?:\s|$)/i,
  /AOF.* manifest|RDB base file/i,
];

/** The error for what redis-server printed when it refused its log; undefined when that was not the reason. */
export function brokenLogError(dataDir: string, output: string): AppendOnlyLogBrokenError | undefined {
  const match = BROKEN.map((pattern) => pattern.exec(output)).find((found) => found !== null);
  return match ? brokenLog(dataDir, join(dataDir, LOG_DIR, match[1] ?? MANIFEST), output.trim()) : undefined;
}

/**
 * Without its manifest Redis takes the log for absent and serves an empty store.
 * @throws AppendOnlyLogBrokenError
 */
export async function assertManifest(dataDir: string): Promise<void> {
  const dir = join(dataDir, LOG_DIR);
  const names = await readdir(dir).catch((): string[] => []);
  if (names.includes(MANIFEST)) return;
  for (const name of names) {
    // A kill in the very first start leaves files without a manifest too; those hold no command.
    const { size } = await stat(join(dir, name));
    if (size > EMPTY_FILE_BYTES) throw brokenLog(dataDir, join(dir, MANIFEST), `${name} has ${size} bytes, but there is no manifest`);
  }
}

function brokenLog(dataDir: string, file: string, output: string): AppendOnlyLogBrokenError {
  const dir = join(dataDir, LOG_DIR);
  const repair = `redis-check-aof --fix ${join(dir, MANIFEST)}`;
  const message =
    `The append-only log is broken at ${file}. Copy ${dir} away, then restore it from a backup, or repair it (what follows the break is lost): ${repair}. ` +
    `With ${dataDir} deleted, Headway starts empty and rebuilds itself from Git and from the nodes.`;
  return new AppendOnlyLogBrokenError(message, { file, repair, output });
}

export interface TornTailOptions {
  readonly dataDir: string;
  readonly binary: string;
  /** What redis-server printed. */
  readonly output: string;
  readonly log: Logger;
}

/**
 * Cuts off the transaction that a kill in the middle of a write left unfinished, and keeps the bytes beside the log.
 * Redis answers only after the whole transaction is on disk, so nobody was told that it succeeded. Anything else, above
 * all a break with complete transactions behind it, is left to a person.
 * @returns whether the log was mended
 */
export async function mendTornTail({ dataDir, binary, output, log }: TornTailOptions): Promise<boolean> {
  const name = /Unexpected end of file reading the append only file (\S+?)\.? /.exec(output)?.[1];
  if (name === undefined) return false;
  const path = join(dataDir, LOG_DIR, name);
  const validBytes = await countValidBytes(binary, path);
  if (validBytes === undefined) return false;
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(size - validBytes);
    await file.read(tail, 0, tail.length, validBytes);
    if (!isUnfinishedGroup(tail)) return false;
    const kept = join(dataDir, `${name}.torn-at-${validBytes}`);
    await writeFile(kept, tail, { flush: true });
    await file.truncate(validBytes);
    await file.sync();
    log.warn('Cut an unfinished transaction, never acknowledged, off the append-only log', { file: path, bytes: tail.length, kept });
    return true;
  } finally {
    await file.close();
  }
}

function countValidBytes(binary: string, path: string): Promise<number | undefined> {
  const check = binary.includes('/') ? join(dirname(binary), 'redis-check-aof') : 'redis-check-aof';
  return new Promise((resolve) => {
    // It exits 1 for a broken log and with an error when it is not installed: only its count matters.
    execFile(check, [path], (_error, stdout) => {
      const count = /AOF analyzed: .*ok_up_to=(\d+),/.exec(stdout)?.[1];
      resolve(count === undefined ? undefined : Number(count));
    });
  });
}
