import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBody } from '#api/parse.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { containerdPaths } from '../containerd/paths.ts';
import { readRecord } from '../containerd/start-containerd.ts';
import { readImageFile } from './image-file.ts';
import { importImages } from './import-images.ts';
import { type OciArchive, buildOciArchive } from './oci-archive.ts';
import { buildPauseImage } from './pause-image.ts';

export interface EnsureImagesOptions {
  readonly instance: Instance;
  /** Folders with one folder an image, each with an `image.yaml`; `clusters/demo/images`. One that does not exist holds none. */
  readonly folders: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Sees to it that the instance's containerd, which must run, has the sandbox image and those that the folders declare. An image
 * that cannot be built is logged and left out: the others, and pods that do not need it, go on. Throws CommandFailed.
 */
export async function ensureImages({ instance, folders, clock, log }: EnsureImagesOptions): Promise<void> {
  const { socketPath, recordFile } = containerdPaths(instance);
  const files = (await Promise.all(folders.map(imageFilesOf))).flat();
  const declared = await Promise.all(files.map((file) => buildDeclared(file, log)));
  const images = [buildPauseImage(), ...declared.filter((image) => image !== undefined)];
  await importImages({ images, socketPath, snapshotter: readRecord(recordFile)?.snapshotter ?? 'overlayfs', clock, log });
}

async function imageFilesOf(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).sort().map((name) => join(folder, name, 'image.yaml')).filter((file) => existsSync(file));
}

async function buildDeclared(file: string, log: Logger): Promise<OciArchive | undefined> {
  try {
    return buildOciArchive(await readImageFile(parseBody(await readFile(file), 'application/yaml').value));
  } catch (error) {
    log.error('An image cannot be built', { file, error: asError(error) });
    return undefined;
  }
}
