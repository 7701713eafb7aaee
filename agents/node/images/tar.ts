/** A minimal ustar writer (POSIX.1-1988): enough for image layers and OCI archives, and always the same bytes. */

export interface TarEntry {
  /** Relative, without a leading slash, at most 100 bytes. */
  readonly path: string;
  readonly mode: number;
  readonly body: { readonly type: 'file'; readonly content: Buffer } | { readonly type: 'directory' } | { readonly type: 'symlink'; readonly target: string };
}

const BLOCK = 512;
const TYPE_FLAGS = { file: '0', symlink: '2', directory: '5' } as const;

/** Owner root, no time, in the order given. Throws RangeError when a name does not fit. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = entry.body.type === 'file' ? entry.body.content : Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  text(block, 0, 100, entry.body.type === 'directory' ? `${entry.path}/` : entry.path);
  octal(block, 100, 8, entry.mode);
  octal(block, 108, 8, 0); // uid
  octal(block, 116, 8, 0); // gid
  octal(block, 124, 12, size);
  octal(block, 136, 12, 0); // modification time
  block.fill(' ', 148, 156); // the checksum counts as spaces while it is computed
  text(block, 156, 1, TYPE_FLAGS[entry.body.type]);
  if (entry.body.type === 'symlink') text(block, 157, 100, entry.body.target);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function text(block: Buffer, offset: number, length: number, value: string): void {
  if (Buffer.byteLength(value) > length) throw new RangeError(`tar: "${value}" is longer than ${length} bytes`);
  block.write(value, offset, 'utf8');
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
}
