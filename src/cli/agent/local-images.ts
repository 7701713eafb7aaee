import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { readImageFile } from '#agents/node/images/image-file.ts';
import { buildOciArchive, type OciArchive } from '#agents/node/images/oci-archive.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { ClusterOptions } from '../up-options.ts';

/**
 * The images that a local repository declares beside its manifests, `<path>/images/<name>/image.yaml`, built from this machine's
 * files so that a demo or a trial needs no registry. One that cannot be built is reported and left out: pods say what they lack.
 */
export async function localImages({ repository }: ClusterOptions, log: Logger): Promise<readonly OciArchive[]> {
  const folder = repository && join(repository.url, repository.path, 'images');
  if (!folder || !repository.url.startsWith('/') || !existsSync(folder)) return [];
  const files = readdirSync(folder).map((name) => join(folder, name, 'image.yaml')).filter((file) => existsSync(file));
  const images = await Promise.all(files.map(async (file) => {
    try {
      return buildOciArchive(await readImageFile(load(readFileSync(file, 'utf8'))));
    } catch (thrown) {
      log.error('an image could not be built', { file, error: asError(thrown) });
      return undefined;
    }
  }));
  return images.filter((image) => image !== undefined);
}
