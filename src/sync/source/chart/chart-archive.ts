import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { parseYaml } from '#api/yaml.ts';
import { asError } from '#base/errors.ts';
import { SourceError } from '../../errors.ts';

export interface ChartFile {
  /** From the chart's folder. */
  readonly path: string;
  readonly content: Buffer;
}

/** Helm's own bound on an unpacked chart. */
const MAX_UNPACKED_BYTES = 100 * 1024 * 1024;
const inflate = promisify(gunzip);

/**
 * The files of a packed chart, whose first folder is the chart's.
 * @throws SourceError InvalidChart: no archive, links, paths that lead elsewhere, another chart or version than was asked for
 */
export async function unpackChart(archive: Buffer, { chart, version }: { readonly chart: string; readonly version: string }): Promise<readonly ChartFile[]> {
  const refuse = (why: string, cause?: unknown): SourceError => new SourceError('InvalidChart', `the archive of ${chart} ${version} ${why}`, cause === undefined ? {} : { cause });
  const entries = await readEntries(archive).catch((error: unknown) => {
    throw refuse(`cannot be unpacked: ${asError(error).message}`, error);
  });
  const files = new Map<string, Buffer>();
  for (const { path, content, type } of entries) {
    if (type === 'directory') continue;
    if (type === 'other') throw refuse(`has ${JSON.stringify(path)}, which is no file`);
    const parts = path.split('/').filter((part) => part !== '.');
    if (parts.length < 2 || /[\p{Cc}\\]/u.test(path) || parts.some((part) => part === '' || part === '..' || part.toLowerCase() === '.git')) throw refuse(`has ${JSON.stringify(path)}, which is no place in a chart`);
    files.set(parts.slice(1).join('/'), content);
  }
  const metadata = readMetadata(files.get('Chart.yaml'));
  if (metadata?.name !== chart || metadata.version !== version) throw refuse(metadata ? `holds ${JSON.stringify(metadata.name)} ${JSON.stringify(metadata.version)}` : 'has no Chart.yaml that says its name and version');
  return [...files].map(([path, content]) => ({ path, content }));
}

function readMetadata(text: Buffer | undefined): { readonly name: unknown; readonly version: unknown } | undefined {
  try {
    const { name, version } = parseYaml(text?.toString() ?? '').value as { readonly name?: unknown; readonly version?: unknown };
    return { name, version };
  } catch {
    return undefined;
  }
}

interface TarEntry extends ChartFile {
  readonly type: 'file' | 'directory' | 'other';
}

async function readEntries(archive: Buffer): Promise<readonly TarEntry[]> {
  const reader = extract();
  reader.end(await inflate(archive, { maxOutputLength: MAX_UNPACKED_BYTES }));
  const entries: TarEntry[] = [];
  for await (const entry of reader) {
    const { name, type } = entry.header;
    entries.push({ path: name, content: await buffer(entry), type: type === 'file' || type === 'directory' ? type : 'other' });
  }
  return entries;
}
