/** The largest file that can hold an object which the API takes, with room for several documents. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

export type DecodedText = { readonly text: string } | { readonly reason: string; readonly message: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** UTF-8 text of a manifest, or why it is none. A UTF-8 byte order mark is dropped. */
export function decodeText(content: Buffer): DecodedText {
  if (content.length > MAX_FILE_BYTES) return { reason: 'FileTooLarge', message: `the file has ${content.length} bytes; at most ${MAX_FILE_BYTES} are read` };
  if (isUtf16(content)) return { reason: 'UnsupportedEncoding', message: 'the file is UTF-16 or UTF-32; save it as UTF-8' };
  if (content.includes(0)) return { reason: 'BinaryFile', message: 'the file is binary' };
  let text: string;
  try {
    text = decoder.decode(content);
  } catch {
    return { reason: 'UnsupportedEncoding', message: 'the file is not valid UTF-8' };
  }
  if (text.startsWith('version https://git-lfs.github.com/spec/')) return { reason: 'LFSPointer', message: 'the file is a Git LFS pointer; manifests must be stored in Git itself' };
  return { text };
}

const isUtf16 = (content: Buffer): boolean => content.length >= 2 && ((content[0] === 0xff && content[1] === 0xfe) || (content[0] === 0xfe && content[1] === 0xff));
