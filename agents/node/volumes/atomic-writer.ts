import { chown, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rename, rm, stat, symlink, unlink, writeFile, chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HeadwayError } from '#base/errors.ts';

export interface PayloadFile {
  readonly data: Buffer;
  /** Permission bits. */
  readonly mode: number;
}
/** Files by path inside the volume, with `/` between folders. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** A path that would leave the volume, or clash with the writer's own links. */
export class InvalidVolumePath extends HeadwayError<{ readonly path: string }> {
  readonly code = 'invalid-volume-path';
  readonly isRetryable = false;
}

const DATA_LINK = '..data';

/**
 * Replaces the files of a volume all at once, so that a reader sees the old set or the new one and never a mix:
 *
 *   <volume>/..2026_11_22_xxxxxx/<files>   the set
 *   <volume>/..data -> that folder         renamed over the old link: the moment of the change
 *   <volume>/<name> -> ..data/<name>       what containers open
 *
 * Resolves to whether anything changed. `group` owns everything when given (fsGroup).
 */
export async function writePayload(volume: string, payload: Payload, group?: number): Promise<boolean> {
  for (const path of payload.keys()) verifyPath(path);
  await mkdir(volume, { recursive: true });
  const current = await readlink(join(volume, DATA_LINK)).catch(() => undefined);
  if (current !== undefined && (await isSame(join(volume, current), payload))) return false;
  const folder = await writeSet(volume, payload, group);
  await rename(await linkTo(volume, folder), join(volume, DATA_LINK));
  await linkNames(volume, payload);
  if (current !== undefined) await rm(join(volume, current), { recursive: true, force: true });
  return true;
}

function verifyPath(path: string): void {
  const parts = path.split('/');
  const isWrong = path === '' || path.startsWith('/') || parts.some((p) => p === '..' || p === '') || (parts[0] ?? '').startsWith('..') || path.length > 4096;
  if (isWrong) throw new InvalidVolumePath(`invalid path in volume: ${path}`, { path });
}

async function writeSet(volume: string, payload: Payload, group: number | undefined): Promise<string> {
  const stamp = new Date().toISOString().replace(/[-:T]/g, '_').slice(0, 19);
  const folder = await mkdtemp(join(volume, `..${stamp}.`));
  await own(folder, 0o755, group);
  for (const [path, file] of payload) {
    const target = join(folder, path);
    const made = await mkdir(dirname(target), { recursive: true });
    if (made !== undefined) await own(dirname(target), 0o755, group);
    await writeFile(target, file.data);
    await own(target, group === undefined ? file.mode : file.mode | 0o040, group);
  }
  return folder.slice(volume.length + 1);
}

async function own(path: string, mode: number, group: number | undefined): Promise<void> {
  if (group !== undefined) await chown(path, 0, group);
  await chmod(path, group !== undefined && (await stat(path)).isDirectory() ? mode | 0o2050 : mode);
}

async function linkTo(volume: string, folder: string): Promise<string> {
  const temporary = join(volume, '..data_tmp');
  await rm(temporary, { force: true });
  await symlink(folder, temporary);
  return temporary;
}

async function linkNames(volume: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));
  for (const name of await readdir(volume)) {
    if (name.startsWith('..')) continue;
    if (!wanted.delete(name) && (await lstat(join(volume, name))).isSymbolicLink()) await unlink(join(volume, name));
  }
  for (const name of wanted) await symlink(join(DATA_LINK, name), join(volume, name));
}

async function isSame(folder: string, payload: Payload): Promise<boolean> {
  const present = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
  const files = present?.filter((entry) => entry.isFile());
  if (files?.length !== payload.size) return false;
  for (const [path, file] of payload) {
    const data = await readFile(join(folder, path)).catch(() => undefined);
    if (!data?.equals(file.data)) return false;
  }
  return true;
}
