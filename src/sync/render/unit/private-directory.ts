import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RenderUnit, UnitInputs } from '../renderer.ts';
import { InputError } from './input-error.ts';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;

/** A directory that holds the inputs of one rendering and nothing else; only this process' user may look into it. */
export interface PrivateDirectory {
  readonly path: string;
  /** Where the repository's root would be. */
  readonly tree: string;
  /** Empty. */
  readonly home: string;
  /** Writes a file that is not from the repository; resolves to its path. */
  write(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** Copies the inputs out of the commit's tree, as plain files in clear text. @throws InputError FileTooLarge, InputsTooLarge, or of a DecryptionError */
export async function createPrivateDirectory(parent: string, unit: Pick<RenderUnit, 'tree' | 'clear'>, { files }: UnitInputs): Promise<PrivateDirectory> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const path = await mkdtemp(join(parent, 'unit-'));
  const directory: PrivateDirectory = {
    path, tree: join(path, 'tree'), home: join(path, 'home'),
    async write(name, text) {
      const file = join(path, 'own', name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
  try {
    await Promise.all([mkdir(directory.home), mkdir(directory.tree)]);
    await copy(files, unit, directory.tree);
    return directory;
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

async function copy(files: UnitInputs['files'], { tree, clear }: Pick<RenderUnit, 'tree' | 'clear'>, root: string): Promise<void> {
  const folders = new Set([...files.keys()].map((path) => dirname(path)));
  await Promise.all([...folders].map((folder) => mkdir(join(root, folder), { recursive: true })));
  let total = 0;
  await Promise.all([...files].map(async ([to, { path, oid }]) => {
    const content = await tree.blob(oid, path, MAX_FILE_BYTES);
    total += content.length;
    if (total > MAX_TOTAL_BYTES) throw new InputError({ path, reason: 'InputsTooLarge', message: `the files of the unit have more than ${MAX_TOTAL_BYTES} bytes` });
    await writeFile(join(root, to), clear ? await clear.read({ path, content }) : content);
  }));
}
