import { execFile } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '#base/logger.ts';
import { AppendOnlyLogBrokenError } from './server-errors.ts';
import { isUnfinishedGroup } from './unfinished-group.ts';

const LOG_DIR = 'appendonlydir';
const MANIFEST = 'appendonly.aof.manifest';
const BROKEN = /(?:Unexpected end of file|Unrecoverable error|Bad file format|Unknown command '.*'|Format error)\s+reading the append only file:? (\S+?)[.:]?(?:\s|$)|AOF .*(?:doesn't exist|manifest)/;

/** The error for what redis-server printed when it refused its log; undefined when that was not the reason. */
export function brokenLogError(dataDir: string, output: string): AppendOnlyLogBrokenError | undefined {
  const match = BROKEN.exec(output);
  if (!match) return undefined;
  const file = join(dataDir, LOG_DIR, match[1] ?? '');
  const repair = `redis-check-aof --fix ${join(dataDir, LOG_DIR, MANIFEST)}`;
  return new AppendOnlyLogBrokenError(
    `The append-only log ${file} is broken. Copy ${join(dataDir, LOG_DIR)} away, then repair it (loses what follows the break): ${repair}`,
    { file, repair, output: output.trim() },
  );
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
