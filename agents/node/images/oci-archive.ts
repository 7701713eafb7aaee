import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type TarEntry, writeTar } from './tar.ts';

/** One file of the image. Directories above it are made, mode 0755. */
export interface ImageFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** Permission bits; default 0644, of directories 0755. */
  readonly mode?: number | undefined;
  readonly body: TarEntry['body'];
}

/** The part of the OCI image configuration that says how to run it. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[] | undefined;
  readonly Cmd?: readonly string[] | undefined;
  readonly Env?: readonly string[] | undefined;
  readonly User?: string | undefined;
  readonly WorkingDir?: string | undefined;
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
  readonly StopSignal?: string | undefined;
}

export interface ImageRecipe {
  /** Full reference, such as `headway.local/demo:1`. */
  readonly name: string;
  readonly files: readonly ImageFile[];
  readonly config: ImageConfig;
  /** OCI name; default that of this machine. */
  readonly architecture?: string | undefined;
}

export interface OciArchive {
  readonly name: string;
  /** `sha256:…` of the manifest: the image's digest in containerd. */
  readonly digest: string;
  /** An OCI image layout as a tar. */
  readonly archive: Buffer;
}

const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  // Uncompressed: the digest then depends on the content alone and not on a version of zlib, and import is faster.
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** The same recipe gives the same bytes. Throws RangeError when a path is relative, doubled, or too long for a tar. */
export function buildOciArchive(recipe: ImageRecipe): OciArchive {
  const layer = blob(MEDIA.layer, writeTar(layerEntries(recipe.files)));
  const config = blob(MEDIA.config, json({
    architecture: recipe.architecture ?? architectureOf(process.arch), os: 'linux', config: recipe.config,
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] }, history: [{ created_by: 'headway' }],
  }));
  const manifest = blob(MEDIA.manifest, json({ schemaVersion: 2, mediaType: MEDIA.manifest, config: config.descriptor, layers: [layer.descriptor] }));
  const annotations = { 'io.containerd.image.name': recipe.name, 'org.opencontainers.image.ref.name': recipe.name.split(':').at(-1) };
  const index = json({ schemaVersion: 2, mediaType: MEDIA.index, manifests: [{ ...manifest.descriptor, annotations }] });
  const file = (path: string, content: Buffer): TarEntry => ({ path, mode: 0o644, body: { type: 'file', content } });
  const blobs = [layer, config, manifest].map(({ descriptor, content }) => file(descriptor.digest.replace('sha256:', 'blobs/sha256/'), content));
  const archive = writeTar([file('oci-layout', json({ imageLayoutVersion: '1.0.0' })), file('index.json', index), ...blobs]);
  return { name: recipe.name, digest: manifest.descriptor.digest, archive };
}

export const architectureOf = (nodeArchitecture: string): string => (nodeArchitecture === 'x64' ? 'amd64' : nodeArchitecture);

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

function blob(mediaType: string, content: Buffer) {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { content, descriptor: { mediaType, digest, size: content.length } };
}

function layerEntries(files: readonly ImageFile[]): readonly TarEntry[] {
  const entries = new Map<string, TarEntry>();
  for (const file of files) {
    if (!file.path.startsWith('/') || posix.normalize(file.path) !== file.path) throw new RangeError(`image file "${file.path}": not a clean absolute path`);
    const path = file.path.slice(1);
    if (entries.has(path) && files.filter((other) => other.path === file.path).length > 1) throw new RangeError(`image file "${file.path}" is named twice`);
    for (const directory of parents(path)) if (!entries.has(directory)) entries.set(directory, { path: directory, mode: 0o755, body: { type: 'directory' } });
    entries.set(path, { path, mode: file.mode ?? (file.body.type === 'file' ? 0o644 : file.body.type === 'symlink' ? 0o777 : 0o755), body: file.body });
  }
  // Sorted, a directory always stands before what it holds, and the order in which a recipe lists files does not matter.
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function parents(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
