import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SourceError } from '../errors.ts';

/** The directory that holds objects and refs: of a work tree, of a linked work tree, or the bare repository itself. */
export async function findGitDir(path: string): Promise<string> {
  const dotGit = join(path, '.git');
  if (await isDirectory(join(dotGit, 'objects'))) return dotGit;
  if ((await isDirectory(join(path, 'objects'))) && (await isDirectory(join(path, 'refs')))) return path;
  const link = /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8').catch(() => ''))?.[1];
  if (link) {
    const linked = resolve(path, link.trim());
    const common = await readFile(join(linked, 'commondir'), 'utf8').catch(() => '.');
    return resolve(linked, common.trim());
  }
  throw new SourceError('NotARepository', `${path} is no Git repository (or not readable)`);
}

export const isDirectory = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
