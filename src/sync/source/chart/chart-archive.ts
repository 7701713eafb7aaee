import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
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
const BLOCK = 512;
const inflate = promisify(gunzip);

/**
 * The files of a packed chart, whose first folder is the chart's.
 * @throws SourceError InvalidChart: no archive, links, paths that lead elsewhere, another chart or version than was asked for
 */
export async function unpackChart(archive: Buffer, { chart, version }: { readonly chart: string; readonly version: string }): Promise<readonly ChartFile[]> {
  const refuse = (why: string, cause?: unknown): SourceError => new SourceError('InvalidChart', `the archive of ${chart} ${version} ${why}`, cause === undefined ? {} : { cause });
  const tar = await inflate(archive, { maxOutputLength: MAX_UNPACKED_BYTES }).catch((error: unknown) => {
    throw refuse(`cannot be unpacked: ${asError(error).message}`, error);
  });
  const files = new Map<string, Buffer>();
  for (const { path, content, type } of tarEntries(tar)) {
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

/** POSIX ustar with pax and GNU long names: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html. What is cut off ends the list. */
function* tarEntries(tar: Buffer): Generator<TarEntry> {
  let longName: string | undefined;
  for (let offset = 0; offset + BLOCK <= tar.length && tar[offset] !== 0;) {
    const header = tar.subarray(offset, offset + BLOCK);
    const size = Number.parseInt(text(header, 124, 12).trim() || '0', 8);
    if (!Number.isSafeInteger(size) || offset + BLOCK + size > tar.length) return;
    const content = tar.subarray(offset + BLOCK, offset + BLOCK + size);
    offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const flag = text(header, 156, 1);
    if (flag === 'x') longName = paxPath(content) ?? longName;
    else if (flag === 'L') longName = text(content, 0, size);
    else if (flag !== 'g') {
      const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
      yield { path: longName ?? (prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`), content, type: flag === '' || flag === '0' ? 'file' : flag === '5' ? 'directory' : 'other' };
      longName = undefined;
    }
  }
}

/** A record is `<its length> path=<value>\n`. */
const paxPath = (records: Buffer): string | undefined => /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records.toString())?.[1];
/** Up to the first NUL. */
const text = (buffer: Buffer, start: number, length: number): string => buffer.toString('utf8', start, start + length).replace(/\0.*$/s, '');
