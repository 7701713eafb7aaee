import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { run } from '../system/run.ts';
import type { OciArchive } from './oci-archive.ts';

export interface ImportOptions {
  readonly images: readonly OciArchive[];
  readonly socketPath: string;
  /** The snapshotter that the CRI plugin uses; the image is unpacked into it. */
  readonly snapshotter: string;
  /** containerd's client, which comes with it; default `ctr` on the PATH. */
  readonly binary?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** containerd namespace of everything that CRI handles. */
const NAMESPACE = 'k8s.io';
/** Set by the CRI plugin on images that it has taken note of; before, it would try to pull them. */
const CRI_LABEL = 'io.cri-containerd.image=managed';
const CRI_DEADLINE_MS = 5000;

/** Brings images into containerd, skipping those whose digest is there, and returns when CRI sees them. Throws CommandFailed. */
export async function importImages(options: ImportOptions): Promise<void> {
  const present = await listImages(options);
  const missing = options.images.filter(({ name, digest }) => present.get(name)?.digest !== digest);
  // One after another: containerd locks the archive's index, which has the same name in each.
  for (const image of missing) await importImage(image, options);
  if (missing.length > 0) await waitForCri(options);
}

async function importImage(image: OciArchive, options: ImportOptions): Promise<void> {
  await ctr(options, ['images', 'import', '--snapshotter', options.snapshotter, '-'], image.archive);
  options.log.info('Image imported', { image: image.name, digest: image.digest });
}

async function waitForCri(options: ImportOptions): Promise<void> {
  const deadline = options.clock.monotonic() + CRI_DEADLINE_MS;
  for (;;) {
    const present = await listImages(options);
    const unseen = options.images.filter(({ name }) => !present.get(name)?.isManaged);
    if (unseen.length === 0) return;
    // Not fatal: the sandbox is tried again, and by then the event has reached the plugin.
    if (options.clock.monotonic() > deadline) return options.log.warn('The CRI plugin has not noticed imported images', { images: unseen.map(({ name }) => name) });
    await options.clock.sleep(20);
  }
}

async function listImages(options: ImportOptions) {
  // Columns: REF TYPE DIGEST SIZE PLATFORMS LABELS. Only the first, the digest and the labels are looked at.
  const lines = (await ctr(options, ['images', 'list'])).split('\n').slice(1).filter((line) => line !== '');
  return new Map(lines.map((line) => {
    const digest = /\ssha256:[0-9a-f]{64}\s/.exec(line)?.[0].trim();
    return [line.split(/\s/)[0] ?? '', { digest, isManaged: line.includes(CRI_LABEL) }];
  }));
}

const ctr = (options: ImportOptions, args: readonly string[], input?: Buffer): Promise<string> =>
  run(options.binary ?? 'ctr', ['--address', options.socketPath, '--namespace', NAMESPACE, ...args], input ? { input } : {});
